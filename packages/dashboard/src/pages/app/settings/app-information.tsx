import { type FormEvent, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useAccount } from '../../../api/queries.ts';
import type { App } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { Copyable } from '../../../parts/copyable.tsx';
import { TextField } from '../../../parts/field.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Section } from '../../../parts/section.tsx';
import { navigate } from '../../../routing/router.tsx';
import { useNameProblem } from '../../apps/use-name-problem.ts';

export const AppInformation = ({ app }: { readonly app: App }) => {
  const { t, bytes } = useWording();
  const { data: account } = useAccount();
  const owns = account?.email === app.owner.email;
  const size = app.slug_size;
  const facts: readonly (readonly [string, string])[] = [
    ...(owns ? [] : [[t('appName'), app.name] as const]),
    [t('region'), app.region.name],
    [t('stack'), app.stack.name],
    ...(app.build_stack.name === app.stack.name ? [] : [[t('nextStack'), app.build_stack.name] as const]),
    [t('framework'), app.buildpack_provided_description ?? t('noFramework')],
    [t(app.stack.name === 'container' ? 'imageSize' : 'slugSize'), size === null ? t('noSlug') : bytes(size)],
    [t('owner'), app.owner.email],
  ];
  return (
    <Section title={t('appInformation')}>
      {owns ? <Rename app={app} /> : <p className="soft">{t('onlyOwnerRenames', { email: app.owner.email })}</p>}
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
        <div>
          <dt>{t('gitUrl')}</dt>
          <dd>
            <Copyable text={app.git_url} />
          </dd>
        </div>
      </dl>
    </Section>
  );
};

const Rename = ({ app }: { readonly app: App }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [name, setName] = useState(app.name);
  const rename = useChange<App>(undefined, (renamed) => {
    announce(t('renamed', { name: renamed.name }));
    navigate(`/apps/${renamed.name}/settings`, { replace: true });
  });
  const problem = useNameProblem(name, app.name);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (problem === undefined && name !== app.name && name !== '')
      rename.mutate({ method: 'PATCH', path: `/apps/${app.name}`, body: { name } });
  };
  return (
    <form className="inline-form" onSubmit={send}>
      <TextField
        label={t('appName')}
        problem={problem}
        className="input ltr"
        autoComplete="off"
        spellCheck={false}
        value={name}
        onChange={(event) => setName(event.target.value.trim())}
      />
      {name !== app.name && (
        <div className="actions">
          <Button type="submit" kind="primary" busy={rename.isPending} disabled={problem !== undefined || name === ''}>
            {t('rename')}
          </Button>
          <Button onClick={() => setName(app.name)}>{t('cancel')}</Button>
        </div>
      )}
      <Problem error={rename.error} />
    </form>
  );
};
