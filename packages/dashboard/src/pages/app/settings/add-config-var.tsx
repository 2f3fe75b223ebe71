import { type FormEvent, useRef, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import type { ConfigVars } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { TextField } from '../../../parts/field.tsx';
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
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const add = useChange<ConfigVars>(app, () => {
    announce(t('configVarSet', { name }));
    setName('');
    setValue('');
    form.current?.querySelector('input')?.focus();
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (name !== '' && !taken.includes(name) && !add.isPending)
      add.mutate({ method: 'PATCH', path: `/apps/${app}/config-vars`, body: { [name]: value } });
  };
  return (
    <form ref={form} className="config-var adding" onSubmit={send}>
      <TextField
        bare
        label={t('key')}
        placeholder="KEY"
        className="input mono ltr"
        autoComplete="off"
        spellCheck={false}
        problem={taken.includes(name) ? t('configVarTaken', { name }) : undefined}
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
      <Button type="submit" busy={add.isPending} disabled={name === '' || taken.includes(name)}>
        {t('add')}
      </Button>
      <Problem error={add.error} />
    </form>
  );
};
