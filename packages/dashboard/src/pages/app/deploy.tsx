import { type FormEvent, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { useBuilds } from '../../api/queries.ts';
import type { Build } from '../../api/shapes.ts';
import { useWording } from '../../language/language.tsx';
import { Button } from '../../parts/button.tsx';
import { Copyable } from '../../parts/copyable.tsx';
import { TextField } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Card, Section } from '../../parts/section.tsx';
import { CancelBuild } from './activity/cancel-build.tsx';
import { Output } from './activity/output-dialog.tsx';
import type { AppPageProps } from './app-page-props.ts';
import { HappeningRow } from './happening-row.tsx';

const shownBuilds = 20;

/** How the app gets new code, and the builds that it got. */
export const Deploy = ({ app }: AppPageProps) => {
  const { t } = useWording();
  const { name } = app;
  const container = app.build_stack.name === 'container';
  return (
    <div className="stack-l">
      <div className="sections">
        <Section title={t('deployByGit')} text={t(container ? 'deployByGitContainerText' : 'deployByGitText')}>
          <ol className="steps">
            <li>
              <p>{t('gitStepRemote')}</p>
              <Copyable prompt text={`heroku git:remote -a ${name}`} />
            </li>
            <li>
              <p>{t('gitStepCommit')}</p>
              <Copyable prompt text={'git add . && git commit -m "Make it better"'} />
            </li>
            <li>
              <p>{t('gitStepPush')}</p>
              <Copyable prompt text="git push heroku main" />
            </li>
          </ol>
        </Section>
        <DeployArchive app={name} />
      </div>
      <BuildHistory app={name} />
    </div>
  );
};

const DeployArchive = ({ app }: { readonly app: string }) => {
  const { t } = useWording();
  const [url, setUrl] = useState('');
  const build = useChange<Build>(app, () => setUrl(''));
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (url !== '') build.mutate({ method: 'POST', path: `/apps/${app}/builds`, body: { source_blob: { url } } });
  };
  return (
    <Section title={t('deployArchive')} text={t('deployArchiveText')}>
      <form className="inline-form" onSubmit={send}>
        <TextField
          label={t('archiveUrl')}
          type="url"
          placeholder="https://example.com/source.tar.gz"
          className="input ltr"
          value={url}
          onChange={(event) => setUrl(event.target.value.trim())}
        />
        <Button type="submit" busy={build.isPending} disabled={url === ''}>
          {t('deployIt')}
        </Button>
      </form>
      <Problem error={build.error} />
      {build.data !== undefined && <Output url={build.data.output_stream_url} label={t('buildOutput')} />}
    </Section>
  );
};

const BuildHistory = ({ app }: { readonly app: string }) => {
  const { t } = useWording();
  const { data: builds, error } = useBuilds(app, shownBuilds);
  const [open, setOpen] = useState<string>();
  return (
    <Card title={t('builds')}>
      <Problem error={error} />
      {builds?.length === 0 && <p className="soft padded">{t('noBuilds')}</p>}
      <ul className="rows">
        {builds?.map((build) => (
          <HappeningRow key={build.id} happening={{ kind: 'build', at: build.created_at, build }}>
            <Button
              small
              kind="quiet"
              aria-expanded={open === build.id}
              onClick={() => setOpen(open === build.id ? undefined : build.id)}
            >
              {t('buildOutput')}
            </Button>
            <CancelBuild app={app} build={build} />
            {open === build.id && (
              <div className="row-below">
                <Output url={build.output_stream_url} label={t('buildOutput')} />
              </div>
            )}
          </HappeningRow>
        ))}
      </ul>
    </Card>
  );
};
