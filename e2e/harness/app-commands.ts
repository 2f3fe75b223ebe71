import assert from 'node:assert/strict';
import { steady } from './said.ts';
import type { Outcome, Shell } from './shell.ts';

/** The heroku CLI on one app, for stories about what it says. */
export interface AppCommands {
  /** Runs a command that is to succeed; answers what it said on both streams, as {@link steady} leaves it. */
  says(...args: string[]): Promise<string>;
  /** Runs a command that is to be refused; answers why, in one line. */
  refuses(...args: string[]): Promise<string>;
  /** Runs commands side by side, each to succeed; answers in their order. */
  allSay(...commands: readonly (readonly string[])[]): Promise<readonly string[]>;
}

/** Without the line ends that the client puts into what it says. */
const flat = (text: string): string => text.replaceAll(/[\s›]+/g, ' ');

export const appCommands = (shell: Shell, app: string): AppCommands => {
  /** The app is named first, since what follows `--` is the add-on's. */
  const run = ([command = '', ...rest]: readonly string[]): Promise<Outcome> =>
    shell.heroku(command, '-a', app, ...rest);
  const says = async (...args: string[]): Promise<string> => {
    const { stdout, stderr, status } = await run(args);
    assert.equal(status, 0, `heroku ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
    return steady(`${stdout}${stderr}`);
  };
  return {
    says,
    async refuses(...args) {
      const { stdout, stderr, status } = await run(args);
      assert.notEqual(status, 0, `heroku ${args.join(' ')} was not refused:\n${stdout}${stderr}`);
      return flat(steady(stderr));
    },
    allSay: (...commands) => Promise.all(commands.map((args) => says(...args))),
  };
};
