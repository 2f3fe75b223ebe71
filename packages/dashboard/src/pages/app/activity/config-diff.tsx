import { useState } from 'react';
import { useReleasedVars } from '../../../api/queries.ts';
import type { Release } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Said } from '../../../parts/said.tsx';
import { patchBetween } from '../settings/dotenv.ts';

const mask = '••••••••';

interface DiffProps {
  readonly app: string;
  readonly release: Release;
  readonly onClose: () => void;
}

/** What a release changed of the config vars; values stay masked until somebody asks for them. */
export const ConfigDiff = ({ app, release: { version, description }, onClose }: DiffProps) => {
  const { t } = useWording();
  const [revealed, setRevealed] = useState(false);
  const after = useReleasedVars(app, version);
  const before = useReleasedVars(app, version - 1);
  const earlier = before.data ?? {};
  const patch = after.data === undefined || before.isPending ? {} : patchBetween(earlier, after.data);
  const shown = (value: string): string => (revealed ? value : mask);
  return (
    <Dialog title={t('configDiffOf', { version: `v${version}` })} onClose={onClose} wide>
      <p>
        <Said text={description} />
      </p>
      <Problem error={after.error ?? before.error} />
      {after.data !== undefined && !before.isPending && Object.keys(patch).length === 0 && (
        <p className="soft">{t('noVarsChanged')}</p>
      )}
      <ul className="diff">
        {Object.entries(patch).map(([name, value]) => (
          <li key={name}>
            <code className="strong">{name}</code>
            {Object.hasOwn(earlier, name) && (
              <del>
                <span className="unseen">{t('before')} </span>
                <code>− {shown(earlier[name] ?? '')}</code>
              </del>
            )}
            {value !== null && (
              <ins>
                <span className="unseen">{t('after')} </span>
                <code>+ {shown(value)}</code>
              </ins>
            )}
          </li>
        ))}
      </ul>
      <div className="actions end">
        <Button onClick={() => setRevealed(!revealed)} aria-pressed={revealed}>
          {t('revealValues')}
        </Button>
        <Button onClick={onClose}>{t('close')}</Button>
      </div>
    </Dialog>
  );
};
