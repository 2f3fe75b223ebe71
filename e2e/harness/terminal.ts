import { stripVTControlCharacters } from 'node:util';
import { spawn } from '@lydell/node-pty';

/** A command at a terminal, with somebody who reads the screen and types. */
export interface Terminal {
  /** Waits until what was printed since the last wait contains the text or matches. */
  shows(expected: string | RegExp): Promise<void>;
  type(text: string): void;
  /** Waits for a prompt, then types a line. */
  answer(prompt: string | RegExp, line: string): Promise<void>;
  /** All that was printed, without colours and cursor movements, and the exit status. */
  readonly ended: Promise<{ readonly screen: string; readonly status: number }>;
  readonly close: () => Promise<void>;
}

/** Runs a command in a pseudo-terminal of 100 columns and 30 lines. */
export const openTerminal = (
  command: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Terminal => {
  const pty = spawn(command, [...args], { name: 'xterm', cols: 100, rows: 30, cwd, env: { ...env } });
  let screen = '';
  let seen = 0;
  let over = false;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  pty.onData((data) => {
    screen += data;
    tell();
  });
  const ended = new Promise<{ screen: string; status: number }>((resolve) => {
    pty.onExit(({ exitCode }) => {
      over = true;
      tell();
      resolve({ screen: plain(screen), status: exitCode });
    });
  });
  const shows: Terminal['shows'] = (expected) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const fresh = plain(screen.slice(seen));
        const there = typeof expected === 'string' ? fresh.includes(expected) : expected.test(fresh);
        if (!there && !over) return;
        listeners.delete(look);
        if (!there) reject(new Error(`${command} ${args.join(' ')} ended without showing ${expected}:\n${screen}`));
        seen = screen.length;
        resolve();
      };
      listeners.add(look);
      look();
    });
  return {
    shows,
    type: (text) => pty.write(text),
    async answer(prompt, line) {
      await shows(prompt);
      pty.write(`${line}\r`);
    },
    ended,
    async close() {
      if (!over) pty.kill('SIGKILL');
      await ended;
    },
  };
};

const plain = (text: string): string => stripVTControlCharacters(text).replaceAll('\r', '');
