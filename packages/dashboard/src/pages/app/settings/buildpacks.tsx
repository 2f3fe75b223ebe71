import { type FormEvent, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useBuildpacks } from '../../../api/queries.ts';
import type { App } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { TextField, typedSince } from '../../../parts/field.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Section } from '../../../parts/section.tsx';

/** Which buildpacks the next build runs, in their order. */
export const Buildpacks = ({ app: { name } }: { readonly app: App }) => {
  const { t } = useWording();
  const { data: installed, error } = useBuildpacks(name);
  const [wanted, setWanted] = useState('');
  const change = useChange(name);
  const urls = (installed ?? []).map(({ buildpack }) => buildpack.name);
  const set = (buildpacks: readonly string[], onSuccess = () => {}): void => {
    const body = { updates: buildpacks.map((buildpack) => ({ buildpack })) };
    change.mutate({ method: 'PUT', path: `/apps/${name}/buildpack-installations`, body }, { onSuccess });
  };
  const add = (event: FormEvent): void => {
    event.preventDefault();
    if (wanted !== '') set([...urls, wanted], () => setWanted(typedSince(wanted)));
  };
  return (
    <Section title={t('buildpacks')} text={t('buildpacksText')}>
      <Problem error={error ?? change.error} />
      {installed?.length === 0 && <p className="soft">{t('noBuildpacks')}</p>}
      <ol className="rows">
        {urls.map((url) => (
          <li key={url} className="row">
            <span className="row-main">
              <code>{url}</code>
            </span>
            <button
              type="button"
              className="icon-button"
              aria-label={t('removeThis', { name: url })}
              onClick={() => set(urls.filter((one) => one !== url))}
            >
              <Icon name="remove" />
            </button>
          </li>
        ))}
      </ol>
      <form className="inline-form" onSubmit={add}>
        <TextField
          bare
          label={t('addBuildpack')}
          placeholder="heroku/python"
          className="input mono ltr"
          value={wanted}
          onChange={(event) => setWanted(event.target.value.trim())}
        />
        <Button type="submit" busy={change.isPending} disabled={wanted === ''}>
          {t('addBuildpack')}
        </Button>
      </form>
    </Section>
  );
};
