import { type FormEvent, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import type { ConfigVars } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { TextField } from '../../../parts/field.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';

interface RowProps {
  readonly app: string;
  readonly name: string;
  readonly value: string;
  readonly onRemove: () => void;
}

/** One config var: its value can be edited where it stands. */
export const ConfigVarRow = ({ app, name, value, onRemove }: RowProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [edited, setEdited] = useState<string>();
  const change = useChange<ConfigVars>(app, () => announce(t('configVarSet', { name })));
  if (edited === value) setEdited(undefined); // saved, or typed back
  const changed = edited !== undefined;
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (changed) change.mutate({ method: 'PATCH', path: `/apps/${app}/config-vars`, body: { [name]: edited } });
  };
  return (
    <li>
      <form className="config-var" onSubmit={save}>
        <code className="config-var-name">{name}</code>
        <TextField
          bare
          label={t('valueOf', { name })}
          className="input mono ltr"
          autoComplete="off"
          spellCheck={false}
          value={edited ?? value}
          onChange={(event) => setEdited(event.target.value)}
        />
        {changed ? (
          <div className="actions">
            <Button small kind="primary" type="submit" busy={change.isPending}>
              {t('save')}
            </Button>
            <Button small onClick={() => setEdited(undefined)}>
              {t('cancel')}
            </Button>
          </div>
        ) : (
          <button type="button" className="icon-button" aria-label={t('removeConfigVar', { name })} onClick={onRemove}>
            <Icon name="remove" />
          </button>
        )}
        <Problem error={change.error} />
      </form>
    </li>
  );
};
