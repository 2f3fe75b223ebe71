import { type FormEvent, useRef, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import type { ConfigVars } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { TextField, typedSince } from '../../../parts/field.tsx';
import { Problem } from '../../../parts/problem.tsx';

interface AddProps {
  readonly app: string;
  /** Names that are set already. */
  readonly taken: readonly string[];
}

/** KEY and VALUE; after one was added the next can be typed at once. */
export const AddConfigVar = ({ app, taken }: AddProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const key = useRef<HTMLInputElement>(null);
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const add = useChange<ConfigVars>(app);
  const clash = taken.includes(name) && !add.isPending;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (name === '' || clash || add.isPending) return;
    const onSuccess = (): void => {
      announce(t('configVarSet', { name }));
      setName(typedSince(name));
      setValue(typedSince(value));
      if (key.current?.value === name) key.current.focus();
    };
    add.mutate({ method: 'PATCH', path: `/apps/${app}/config-vars`, body: { [name]: value } }, { onSuccess });
  };
  return (
    <form className="config-var adding" onSubmit={send}>
      <TextField
        ref={key}
        bare
        label={t('key')}
        placeholder="KEY"
        className="input mono ltr"
        autoComplete="off"
        spellCheck={false}
        problem={clash ? t('configVarTaken', { name }) : undefined}
        value={name}
        onChange={(event) => setName(event.target.value.trim())}
      />
      <TextField
        bare
        label={t('value')}
        placeholder="VALUE"
        className="input mono ltr"
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <Button type="submit" busy={add.isPending} disabled={name === '' || clash}>
        {t('add')}
      </Button>
      <Problem error={add.error} />
    </form>
  );
};
