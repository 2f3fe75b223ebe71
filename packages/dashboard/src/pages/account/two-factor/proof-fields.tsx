import { useWording } from '../../../language/language.tsx';
import { TextField } from '../../../parts/field.tsx';

interface ProofProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The password again: who holds a session need not be the person. */
export const PasswordField = ({ value, onChange }: ProofProps) => {
  const { t } = useWording();
  return (
    <TextField
      label={t('currentPassword')}
      type="password"
      autoComplete="current-password"
      className="input ltr"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
};

/** A code of the authenticator. */
export const CodeField = ({ label, value, onChange }: ProofProps & { readonly label: string }) => (
  <TextField
    label={label}
    autoComplete="one-time-code"
    autoCapitalize="off"
    spellCheck={false}
    className="input ltr mono"
    value={value}
    onChange={(event) => onChange(event.target.value.trim())}
  />
);
