import { useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { Card } from '../../../parts/section.tsx';
import { CodeField, PasswordField } from './proof-fields.tsx';
import { type RecoveryCodes, twoFactorPath } from './two-factor.ts';

interface ManageProps {
  readonly left: number;
  readonly onCodes: (codes: readonly string[]) => void;
}

/** What can be done to a second factor that is on; each asks for both factors again. */
export const Manage = ({ left, onCodes }: ManageProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [asking, setAsking] = useState<'renew' | 'turn off'>();
  const close = (): void => setAsking(undefined);
  const renew = useChange<RecoveryCodes>('account', ({ recovery_codes: codes }) => onCodes(codes));
  const remove = useChange('account', () => {
    close();
    announce(t('twoFactorIsOff'));
  });
  return (
    <Card title={t('isOn')} text={t('twoFactorOnText')}>
      <div className="stack padded">
        <p>{t('recoveryCodesLeft', { n: left })}</p>
        <div className="actions">
          <Button onClick={() => setAsking('renew')}>{t('renewRecoveryCodes')}</Button>
          <Button kind="danger" onClick={() => setAsking('turn off')}>
            {t('turnOff')}
          </Button>
        </div>
      </div>
      {asking === 'renew' && (
        <Prove
          title={t('renewRecoveryCodes')}
          text={t('renewRecoveryCodesText')}
          busy={renew.isPending}
          error={renew.error}
          onProof={(body) => renew.mutate({ method: 'POST', path: `${twoFactorPath}/recovery-codes`, body })}
          onClose={close}
        />
      )}
      {asking === 'turn off' && (
        <Prove
          title={t('turnOff')}
          text={t('turnOffText')}
          danger
          busy={remove.isPending}
          error={remove.error}
          onProof={(body) => remove.mutate({ method: 'DELETE', path: twoFactorPath, body })}
          onClose={close}
        />
      )}
    </Card>
  );
};

interface ProveProps {
  readonly title: string;
  readonly text: string;
  readonly danger?: boolean;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onProof: (proof: { readonly password: string; readonly second_factor: string }) => void;
  readonly onClose: () => void;
}

const Prove = ({ title, text, danger = false, busy, error, onProof, onClose }: ProveProps) => {
  const { t } = useWording();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  return (
    <FormDialog
      title={title}
      submit={title}
      danger={danger}
      busy={busy}
      disabled={password === '' || code === ''}
      error={error}
      onSubmit={() => onProof({ password, second_factor: code })}
      onClose={onClose}
    >
      <p>{text}</p>
      <PasswordField value={password} onChange={setPassword} />
      <CodeField label={t('authenticatorCode')} value={code} onChange={setCode} />
    </FormDialog>
  );
};
