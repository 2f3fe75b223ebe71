import { type FormEvent, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useDynoSizes, useDynos, useFormation } from '../../../api/queries.ts';
import type { Dyno, Formation } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { SelectField, TextField } from '../../../parts/field.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import { TimeAgo } from '../../../parts/time-ago.tsx';
import { DynoStates } from '../dyno-states.tsx';

const mostDynos = 100;

export const Dynos = ({ app }: { readonly app: string }) => {
  const { t } = useWording();
  const { data: formation, error, refetch } = useFormation(app);
  const { data: dynos = [] } = useDynos(app);
  const scalable = formation?.filter(({ type }) => type !== 'release');
  return (
    <Card title={t('dynos')}>
      <Problem error={error} onRetry={() => void refetch()} />
      {scalable?.length === 0 && (
        <Empty
          icon="process"
          title={t('noProcessTypes')}
          text={t('noProcessTypesText')}
          command="git push heroku main"
        />
      )}
      <ul className="rows">
        {scalable?.map((entry) => (
          <ProcessType
            key={`${entry.id} ${entry.quantity} ${entry.size}`}
            app={app}
            entry={entry}
            dynos={dynos.filter(({ type }) => type === entry.type)}
          />
        ))}
      </ul>
    </Card>
  );
};

interface ProcessTypeProps {
  readonly app: string;
  readonly entry: Formation;
  readonly dynos: readonly Dyno[];
}

/** One process type: how many dynos of which size, and how each of them is. */
const ProcessType = ({ app, entry, dynos }: ProcessTypeProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const { data: sizes = [] } = useDynoSizes();
  const [quantity, setQuantity] = useState(String(entry.quantity));
  const [size, setSize] = useState(entry.size);
  const { type } = entry;
  const scale = useChange<Formation>(app, (made) => announce(t('scaled', { type, n: made.quantity, size: made.size })));
  const changed = quantity !== String(entry.quantity) || size !== entry.size;
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const body = { quantity: Number(quantity), size };
    if (changed && quantity !== '') scale.mutate({ method: 'PATCH', path: `/apps/${app}/formation/${type}`, body });
  };
  return (
    <li className="row wraps">
      <Icon name="process" />
      <span className="row-main">
        <bdi className="strong">{type}</bdi>
        <code className="soft cut">{entry.command}</code>
      </span>
      <form className="scale" onSubmit={save}>
        <TextField
          bare
          type="number"
          label={t('dynosOf', { type })}
          className="input number"
          min={0}
          max={mostDynos}
          required
          value={quantity}
          onChange={(event) => setQuantity(event.target.value)}
        />
        <SelectField bare label={t('sizeOf', { type })} value={size} onChange={(event) => setSize(event.target.value)}>
          {sizes.length === 0 && <option>{size}</option>}
          {sizes.map(({ id, name }) => (
            <option key={id}>{name}</option>
          ))}
        </SelectField>
        {changed && (
          <Button type="submit" kind="primary" busy={scale.isPending}>
            {t('save')}
          </Button>
        )}
      </form>
      <DynoStates dynos={dynos} />
      <Problem error={scale.error} />
      {dynos.length > 0 && (
        <ul className="dynos">
          {dynos.map((dyno) => (
            <DynoLine key={dyno.id} app={app} dyno={dyno} />
          ))}
        </ul>
      )}
    </li>
  );
};

const DynoLine = ({ app, dyno }: { readonly app: string; readonly dyno: Dyno }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const { name } = dyno;
  const restart = useChange(app, () => announce(t('restarting', { name })));
  return (
    <li>
      <code>{name}</code>
      <DynoStates dynos={[dyno]} />
      <span className="soft small-text">
        v{dyno.release.version} · <TimeAgo time={dyno.updated_at} />
      </span>
      <Button
        small
        kind="quiet"
        busy={restart.isPending}
        aria-label={t('restartThis', { name })}
        onClick={() => restart.mutate({ method: 'DELETE', path: `/apps/${app}/dynos/${name}` })}
      >
        {t('restart')}
      </Button>
    </li>
  );
};
