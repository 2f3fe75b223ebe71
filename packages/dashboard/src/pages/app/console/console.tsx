import '../../../styles/console.css';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { ask } from '../../../api/request.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { TextField } from '../../../parts/field.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import { Status } from '../../../parts/status.tsx';
import type { AppPageProps } from '../app-page-props.ts';
import type { RunEnd } from './attachment.ts';
import { Screen } from './screen.tsx';

/** One command that was run, or is. */
interface Run {
  readonly number: number;
  readonly command: string;
  /** Once it has been made. */
  readonly dyno?: string;
  readonly end?: RunEnd;
}

/** A command in a one-off dyno, as `heroku run` does it. */
export const Console = ({ app: { name } }: AppPageProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [command, setCommand] = useState('bash');
  const [run, setRun] = useState<Run>();
  const button = useRef<HTMLDivElement>(null);
  const isRunning = run !== undefined && run.end === undefined;
  // The dyno hangs up by itself, so that its exit status is heard.
  const stop = useMutation({
    mutationFn: (dyno: string | undefined) => ask('POST', `/apps/${name}/dynos/${dyno}/actions/stop`),
  });
  const start = (event: FormEvent): void => {
    event.preventDefault();
    if (!isRunning && command.trim() !== '') setRun({ number: (run?.number ?? 0) + 1, command: command.trim() });
  };
  const noteEnd = (end: RunEnd): void => {
    setRun((last) => last && { ...last, end });
    if (end.kind === 'exited') announce(t('exitedWith', { status: end.status }));
  };
  return (
    <Card title={t('console')} text={t('consoleText')}>
      <form className="console-form" onSubmit={start}>
        <TextField
          label={t('command')}
          className="input ltr mono"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder="python manage.py shell"
          value={command}
          onChange={(event) => setCommand(event.target.value)}
        />
        <div ref={button}>
          {isRunning ? (
            <Button busy={stop.isPending} disabled={run.dyno === undefined} onClick={() => stop.mutate(run.dyno)}>
              {t('endCommand')}
            </Button>
          ) : (
            <Button kind="primary" type="submit" disabled={command.trim() === ''}>
              {t(run === undefined ? 'runCommand' : 'runAgain')}
            </Button>
          )}
        </div>
      </form>
      {run === undefined ? (
        <p className="console-none soft">{t('consoleNone')}</p>
      ) : (
        <>
          <div className="console-bar">
            <code className="ltr">{run.dyno ?? '…'}</code>
            <StateOf run={run} />
          </div>
          {run.end?.kind === 'refused' && (
            <div className="console-problem">
              <Problem error={run.end.error} />
            </div>
          )}
          <Screen
            key={run.number}
            app={name}
            command={run.command}
            onDyno={(dyno) => setRun((last) => last && { ...last, dyno })}
            onEnd={noteEnd}
            onLeave={() => button.current?.querySelector('button')?.focus()}
          />
          <p className="console-hint soft small-text">{t('terminalKeys')}</p>
        </>
      )}
    </Card>
  );
};

const StateOf = ({ run: { dyno, end } }: { readonly run: Run }) => {
  const { t } = useWording();
  if (end === undefined) return <Status tone="calm">{t(dyno === undefined ? 'starting' : 'running')}</Status>;
  if (end.kind === 'exited')
    return <Status tone={end.status === 0 ? 'good' : 'warn'}>{t('exitedWith', { status: end.status })}</Status>;
  return <Status tone="bad">{t(end.kind === 'lost' ? 'connectionLost' : 'failed')}</Status>;
};
