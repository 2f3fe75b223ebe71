import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import type { Outcome } from './shell.ts';

/** What differs from run to run, in the order in which it is replaced. */
const passing: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)/g, 'TIME'],
  [/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d [+-]\d{4} \(~ \w+ ago\)/g, 'TIME'],
  [/\w{3} \w{3} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4} \([^)]+\)/g, 'TIME'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID'],
  [/\brun\.\d{4}/g, 'run.N'],
  [/(?<=localhost:)\d+/g, 'PORT'],
  [/postgresql-[a-z]+-\d+/g, 'postgresql-NAME-N'],
];

/** The text as it would be the same in each run: without colours and what turns while one waits, with ids, times and ports replaced, columns drawn together. */
export const steady = (text: string, more: readonly (readonly [RegExp | string, string])[] = []): string =>
  [...more, ...passing]
    .reduce((so, [what, by]) => so.replaceAll(what, by), stripVTControlCharacters(text))
    .replaceAll('\r', '')
    .replaceAll(/^.* [\u2800-\u28ff]\n/gm, '')
    .replaceAll(/(?: ›.*\n?)+/g, unwrap)
    .replaceAll(/(?<=\S) {2,}/g, '  ')
    .replaceAll(/─+/g, '─')
    .replaceAll(/[ \t]+$/gm, '');

/** The CLI breaks what it has to say into lines of 80 columns behind a mark; here each paragraph is a line again. */
const unwrap = (box: string): string =>
  box
    .replaceAll(/^ › */gm, '')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim().replaceAll(/\s+/g, ' '))
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => `› ${paragraph}\n`)
    .join('');

/** How the CLI shows a refusal by the Platform API, behind what it had begun to say. */
export const refusal = (message: string, id: string, begun = ''): Said => ({
  stderr: `${begun === '' ? '' : `${begun}... !\n`}› Error: ${message}\n› Error ID: ${id}`,
  status: 2,
});

/** Everything that a command said, and how it ended: 0 and silence where nothing is expected. */
export interface Said {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly status?: number;
}

/** Asserts stdout, stderr and exit status as a whole; lines are compared as {@link steady} leaves them. */
export const assertSaid = (
  outcome: Outcome,
  expected: Said,
  more: readonly (readonly [RegExp | string, string])[] = [],
): void => {
  assert.deepEqual(
    {
      stdout: lines(steady(outcome.stdout, more)),
      stderr: lines(steady(outcome.stderr, more)),
      status: outcome.status,
    },
    { stdout: lines(expected.stdout ?? ''), stderr: lines(expected.stderr ?? ''), status: expected.status ?? 0 },
  );
};

/** Lines without empty ones at either end, so that a difference names its line. */
const lines = (text: string): readonly string[] => text.replace(/^\n+|\n+$/g, '').split('\n');

/**
 * Asserts that `heroku ps:wait` ended well: silent where every dyno was up when it first looked, else with one line of
 * what it waits for and one of what it got to.
 */
export const assertWaited = (outcome: Outcome): void => {
  const { stdout, status } = outcome;
  const stderr = steady(outcome.stderr);
  assert.deepEqual({ stdout, status }, { stdout: '', status: 0 }, stderr);
  if (stderr !== '') assert.match(stderr, waited);
};

const waited =
  /^(?<what>Waiting for every dyno to be running v\d+\.\.\.) \d+ \/ \d+\n(?:\k<what> \d+ \/ \d+)*\k<what> (?<all>\d+) \/ \k<all>, done\n$/;
