import { useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useConfigVars } from '../../../api/queries.ts';
import type { App, ConfigVars } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Section } from '../../../parts/section.tsx';
import { AddConfigVar } from './add-config-var.tsx';
import { BulkEdit } from './bulk-edit.tsx';
import { ConfigVarRow } from './config-var-row.tsx';

/** Values aren't in the page, and aren't asked for, until they are revealed. */
export const ConfigVarsSection = ({ app }: { readonly app: App }) => {
  const { t } = useWording();
  const [revealed, setRevealed] = useState(false);
  return (
    <Section title={t('configVars')} text={t('configVarsText')}>
      <div className="actions">
        <Button aria-expanded={revealed} onClick={() => setRevealed(!revealed)}>
          {t(revealed ? 'hideConfigVars' : 'revealConfigVars')}
        </Button>
      </div>
      {revealed && <Revealed name={app.name} />}
    </Section>
  );
};

/** A config var to be removed is asked about first: nothing keeps its value but earlier releases. */
const Revealed = ({ name }: { readonly name: string }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const { data: vars, error, refetch } = useConfigVars(name);
  const [removing, setRemoving] = useState<string>();
  const [editingAll, setEditingAll] = useState(false);
  const path = `/apps/${name}/config-vars`;
  const remove = useChange<ConfigVars>(name, () => {
    announce(t('configVarRemoved', { name: removing ?? '' }));
    setRemoving(undefined);
  });
  if (vars === undefined) return <Problem error={error} onRetry={() => void refetch()} />;
  const names = Object.keys(vars).sort();
  return (
    <div className="stack">
      <ul className="config-vars">
        {names.map((one) => (
          <ConfigVarRow key={one} app={name} name={one} value={vars[one] ?? ''} onRemove={() => setRemoving(one)} />
        ))}
      </ul>
      {names.length === 0 && <p className="soft">{t('noConfigVars')}</p>}
      <AddConfigVar app={name} taken={names} />
      <div className="actions">
        <Button small kind="quiet" onClick={() => setEditingAll(true)}>
          {t('editAll')}
        </Button>
      </div>
      {removing !== undefined && (
        <FormDialog
          title={t('removeConfigVar', { name: removing })}
          submit={t('remove')}
          danger
          busy={remove.isPending}
          error={remove.error}
          onSubmit={() => remove.mutate({ method: 'PATCH', path, body: { [removing]: null } })}
          onClose={() => setRemoving(undefined)}
        >
          <p>{t('removeConfigVarText')}</p>
        </FormDialog>
      )}
      {editingAll && <BulkEdit app={name} vars={vars} onClose={() => setEditingAll(false)} />}
    </div>
  );
};
