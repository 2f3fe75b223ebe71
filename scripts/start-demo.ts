import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A demo that runs, as it says of itself. */
export interface Demo extends AsyncDisposable {
  /** Signs in to the dashboard, once. */
  readonly link: string;
  /** Address of the deployed app. */
  readonly app: string;
  readonly password: string;
  /** Ends it as Ctrl-C does; answers its exit status. */
  stop(): Promise<number | null>;
}

/** `npm run demo`, until it says where everything is. @throws Error with what it said when it ends before */
export const startDemo = async (): Promise<Demo> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'demo.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([status]) => status as number | null); // the event's first argument
  const stop = (): Promise<number | null> => {
    child.kill('SIGINT');
    return ended;
  };
  let said = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text;
    const word = (label: string): string => new RegExp(`^ +${label} +(\\S+)`, 'm').exec(said)?.[1] ?? '';
    if (!said.includes('Ctrl-C stops')) continue;
    child.stdout.resume();
    return {
      link: word('dashboard'),
      app: word('bookstore'),
      password: word('password'),
      stop,
      [Symbol.asyncDispose]: async () => void (await stop()),
    };
  }
  throw new Error(`the demo ended before it said where its dashboard is:\n${said}`);
};
