import { useState } from 'react';
import { useChange } from '../../api/change.ts';
import { useStacks } from '../../api/queries.ts';
import type { App } from '../../api/shapes.ts';
import { useWording } from '../../language/language.tsx';
import { FormDialog } from '../../parts/dialog.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { navigate } from '../../routing/router.tsx';
import { useNameProblem } from './use-name-problem.ts';

const defaultStack = 'heroku-24';

export const CreateApp = ({ onClose }: { readonly onClose: () => void }) => {
  const { t } = useWording();
  const { data: stacks = [] } = useStacks();
  const [name, setName] = useState('');
  const [stack, setStack] = useState(defaultStack);
  const create = useChange<App>(undefined, (app) => {
    onClose();
    navigate(`/apps/${app.name}`);
  });
  const problem = useNameProblem(name);
  const offered = [...new Set([defaultStack, ...stacks.map((one) => one.name)])];
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
        {offered.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </SelectField>
    </FormDialog>
  );
};
