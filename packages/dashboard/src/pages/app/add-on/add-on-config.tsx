import { useState } from 'react';
import { useAddOnConfig } from '../../../api/add-on-queries.ts';
import { useConfigVars } from '../../../api/queries.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Copyable } from '../../../parts/copyable.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import type { OfAddOn } from './of-add-on.ts';

/** The names of what it sets; values are asked for when they are to be shown. */
export const AddOnConfig = ({ app, addOn }: OfAddOn) => {
  const { t } = useWording();
  const [revealed, setRevealed] = useState(false);
  if (addOn.config_vars.length === 0) return null;
  const owned = addOn.app.name === app;
  return (
    <Card
      title={t('configVars')}
      action={
        <Button small aria-expanded={revealed} onClick={() => setRevealed(!revealed)}>
          {t(revealed ? 'hideConfigVars' : 'revealConfigVars')}
        </Button>
      }
    >
      {!revealed ? (
        <Rows names={addOn.config_vars} />
      ) : owned ? (
        <OfApp app={app} names={addOn.config_vars} />
      ) : (
        <OfAddOnItself app={app} name={addOn.name} />
      )}
    </Card>
  );
};

const OfApp = ({ app, names }: { readonly app: string; readonly names: readonly string[] }) => {
  const { data: vars, error } = useConfigVars(app);
  return (
    <>
      <Problem error={error} />
      <Rows names={names} values={vars} />
    </>
  );
};

/** Attached to this app, whose own config vars have other names: those of the add-on's own config. */
const OfAddOnItself = ({ app, name }: { readonly app: string; readonly name: string }) => {
  const { data = [], error } = useAddOnConfig(app, name);
  return (
    <>
      <Problem error={error} />
      <Rows names={data.map((one) => one.name)} values={Object.fromEntries(data.map((one) => [one.name, one.value]))} />
    </>
  );
};

interface RowsProps {
  readonly names: readonly string[];
  readonly values?: Readonly<Record<string, string>> | undefined;
}

const Rows = ({ names, values }: RowsProps) => (
  <ul className="rows">
    {names.map((name) => (
      <li key={name} className="row wraps">
        <code className="strong row-main">{name}</code>
        {values?.[name] === undefined ? (
          <span className="soft" aria-hidden="true">
            ••••••••
          </span>
        ) : (
          <Copyable text={values[name]} />
        )}
      </li>
    ))}
  </ul>
);
