import type { App } from '../../../api/shapes.ts';
import type { MessageKey } from '../../../language/en.data.ts';
import { useWording } from '../../../language/language.tsx';
import { Copyable } from '../../../parts/copyable.tsx';
import { Section } from '../../../parts/section.tsx';

interface Step {
  readonly text: MessageKey;
  readonly command: string;
  /** It is written into a file, not typed. */
  readonly isText?: true;
}

const herokuYml = 'build:\n  docker:\n    web: Dockerfile\nrun:\n  web: gunicorn config.wsgi';

/** What is typed, once and each time; the container stack wants to be told first how its images are built. */
const stepsOf = (name: string, container: boolean): readonly Step[] => [
  { text: 'gitStepRemote', command: `heroku git:remote -a ${name}` },
  ...(container
    ? [
        { text: 'containerStepFile', command: herokuYml, isText: true } as const,
        { text: 'containerStepPort', command: 'gunicorn config.wsgi -b 0.0.0.0:$PORT', isText: true } as const,
      ]
    : []),
  { text: 'gitStepCommit', command: 'git add . && git commit -m "Make it better"' },
  { text: 'gitStepPush', command: 'git push heroku main' },
];

export const DeployByGit = ({ app }: { readonly app: App }) => {
  const { t } = useWording();
  const container = app.build_stack.name === 'container';
  return (
    <Section title={t('deployByGit')} text={t(container ? 'deployByGitContainerText' : 'deployByGitText')}>
      <ol className="steps">
        {stepsOf(app.name, container).map(({ text, command, isText = false }) => (
          <li key={text}>
            <p>{t(text)}</p>
            <Copyable prompt={!isText} text={command} />
          </li>
        ))}
      </ol>
      <dl className="facts">
        <div>
          <dt>{t('gitUrl')}</dt>
          <dd>
            <Copyable text={app.git_url} />
          </dd>
        </div>
      </dl>
      <p className="soft small-text">{t('gitOverHttps')}</p>
    </Section>
  );
};
