import type { Duplex } from 'node:stream';
import type { SessionTerminal } from './session-terminal.ts';

/** Who sits at the other end of a session, by whatever way they came. */
export interface SessionClient {
  /** What is typed and what is seen; ends when the client leaves. */
  readonly connection: Duplex;
  /** For clients whose screen changes its size. */
  readonly resizes?: Required<Pick<SessionTerminal, 'onResize'>>;
  /** Before anything of the dyno is seen. */
  greet(): Promise<void>;
  /** After all that the dyno wrote. @param wanted whether the command asked for it, as `heroku run -x` does */
  tellExit(exitCode: number, wanted: boolean): Promise<void>;
}

/** Resolves when the connection has taken the text or is past taking anything. */
export const write = (connection: Duplex, text: string): Promise<void> =>
  new Promise((resolve) => {
    if (connection.writable) connection.write(text, () => resolve());
    else resolve();
  });
