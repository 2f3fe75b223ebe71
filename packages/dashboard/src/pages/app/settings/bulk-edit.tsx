import { useId, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import type { ConfigVars } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { patchBetween, readLines, writeLines } from './dotenv.ts';

interface BulkEditProps {
  readonly app: string;
  readonly vars: ConfigVars;
  readonly onClose: () => void;
}

/** All config vars as text; what was changed becomes one release. */
export const BulkEdit = ({ app, vars, onClose }: BulkEditProps) => {
  const { t, number } = useWording();
  const id = useId();
  const [text, setText] = useState(() => writeLines(vars));
  const { vars: wanted, problem } = readLines(text);
  const patch = patchBetween(vars, wanted);
  const count = Object.keys(patch).length;
  const change = useChange<ConfigVars>(app, onClose);
  return (
    <FormDialog
      wide
      title={t('editAll')}
      submit={t('saveChanges', { n: count })}
      busy={change.isPending}
      disabled={problem !== undefined || count === 0}
      error={change.error}
      onSubmit={() => change.mutate({ method: 'PATCH', path: `/apps/${app}/config-vars`, body: patch })}
      onClose={onClose}
    >
      <div className="field">
        <label htmlFor={id}>{t('editAllHint')}</label>
        <textarea
          id={id}
          className="input mono ltr"
          rows={14}
          spellCheck={false}
          value={text}
          aria-invalid={problem !== undefined}
          onChange={(event) => setText(event.target.value)}
        />
        {problem !== undefined && (
          <p className="problem" role="alert">
            {t('notAConfigVar', { line: number(problem.line) })}
          </p>
        )}
      </div>
    </FormDialog>
  );
};
