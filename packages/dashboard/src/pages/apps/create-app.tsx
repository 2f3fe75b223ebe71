import { useState } from 'react';
import { useChange } from '../../api/change.ts';
import { useApps } from '../../api/queries.ts';
import type { App } from '../../api/shapes.ts';
import { useWording } from '../../language/language.tsx';
import { FormDialog } from '../../parts/dialog.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { navigate } from '../../routing/router.tsx';
import { appNameProblem } from './app-name-rule.ts';

const stacks = ['heroku-24', 'heroku-22', 'container'];

export const CreateApp = ({ onClose }: { readonly onClose: () => void }) => {
  const { t } = useWording();
  const { data: apps = [] } = useApps();
  const [name, setName] = useState('');
  const [stack, setStack] = useState('heroku-24');
  const create = useChange<App>(undefined, (app) => {
    onClose();
    navigate(`/apps/${app.name}`);
  });
  const rule = appNameProblem(name);
  const problem =
    rule !== undefined ? t(rule) : apps.some((app) => app.name === name) ? t('appNameTaken', { name }) : undefined;
  const submit = (): void =>
    create.mutate({ method: 'POST', path: '/apps', body: { ...(name === '' ? {} : { name }), stack } });
  return (
    <FormDialog
      title={t('createApp')}
      submit={t('createApp')}
      busy={create.isPending}
      disabled={problem !== undefined}
      error={create.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={t('appName')}
        hint={t('appNameHint')}
        problem={problem}
        className="input ltr"
        autoComplete="off"
        spellCheck={false}
        value={name}
        onChange={(event) => setName(event.target.value.trim())}
      />
      <SelectField
        label={t('stack')}
        hint={t('stackHint')}
        value={stack}
        onChange={(event) => setStack(event.target.value)}
      >
        {stacks.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </SelectField>
    </FormDialog>
  );
};
