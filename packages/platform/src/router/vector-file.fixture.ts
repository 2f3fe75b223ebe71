import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One answer that the client gets. In each text that is compared, `\\(TEXT*COUNT)` stands for TEXT repeated. */
export interface ExpectedAnswer {
  readonly status: number;
  readonly reason?: string;
  /** null: the field must be absent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string;
  /** False for an answer that breaks off. */
  readonly complete?: boolean;
}

/** One request that reaches the dyno. */
export interface ExpectedRequest {
  readonly line: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string;
  /** False for a body that breaks off, so that the dyno can't take it for a whole one. */
  readonly complete?: boolean;
  /** Whether the dyno sees it at all depends on how the bytes are split. */
  readonly optional?: boolean;
}

type AnyAnswer = number | ExpectedAnswer;

/** What stands beside a message of the corpus. The README in the folder explains each field. */
export interface Expectation {
  readonly about: string;
  /** Given for a message of a dyno: the head of the client's request, one line each. */
  readonly request?: readonly string[];
  readonly dynoEnds?: boolean;
  readonly clientEnds?: boolean;
  readonly methods?: readonly string[];
  /** In order; a list where the contract leaves a choice. */
  readonly answers: readonly (AnyAnswer | readonly AnyAnswer[])[];
  readonly connection: 'open' | 'closed';
  readonly dyno: readonly (string | ExpectedRequest)[];
  readonly dynoConnection?: 'open' | 'closed';
  /** Router codes in order, a list where there is a choice, `ok` for a request that a dyno answered. Absent: any line there is must be an H26. */
  readonly log?: readonly (string | readonly string[])[];
}

export interface Vector {
  readonly name: string;
  readonly valid: boolean;
  /** Pieces of the message in latin1; a piece longer than one byte is a run, which need not be split bytewise. */
  readonly pieces: readonly string[];
  readonly expected: Expectation;
}

const folder = join(import.meta.dirname, 'fixtures', 'http');
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0', '\\': '\\', '(': '(' };

/**
 * Turns the readable form into bytes: a line's end is CRLF, a backslash before it takes it away.
 * Escapes: `\n` `\r` `\t` `\0` `\\` `\xHH`, and `\(TEXT*COUNT)` for TEXT repeated.
 * @throws Error for a backslash before anything else.
 */
export const piecesOf = (text: string): string[] => {
  const pieces: string[] = [];
  const rest = text.replaceAll('\\\n', '');
  const pattern = /\\\(((?:[^\\*]|\\.)+)\*(\d+)\)|\\x([0-9a-fA-F]{2})|\\(.)|([^\\])/gs;
  for (const [whole, run, count, hex, letter, plain] of rest.matchAll(pattern)) {
    if (run !== undefined) pieces.push(piecesOf(run).join('').repeat(Number(count)));
    else if (hex !== undefined) pieces.push(String.fromCharCode(Number.parseInt(hex, 16)));
    else if (plain !== undefined) pieces.push(...(plain === '\n' ? '\r\n' : plain));
    else if (letter !== undefined && Object.hasOwn(escapes, letter)) pieces.push(escapes[letter] ?? '');
    else throw new Error(`expected an escape such as \\n or \\x0a, got ${JSON.stringify(whole)}`);
  }
  return pieces;
};

/** Puts in what `\\(TEXT*COUNT)` stands for in an expected text. */
const withRuns = (text: string): string =>
  text.replace(/\\\(([^*]+)\*(\d+)\)/g, (_, run: string, count: string) => run.repeat(Number(count)));

const expectationIn = (file: string): Expectation =>
  JSON.parse(readFileSync(file, 'utf8'), (_, value: unknown) => {
    if (typeof value === 'string') return withRuns(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [withRuns(key), inner]));
  });

const readFolder = (valid: boolean): Vector[] => {
  const path = join(folder, valid ? 'valid' : 'invalid');
  return readdirSync(path)
    .filter((file) => file.endsWith('.http'))
    .sort()
    .map((file) => {
      const name = file.slice(0, -'.http'.length);
      const expected = expectationIn(join(path, `${name}.json`));
      return { name, valid, expected, pieces: piecesOf(readFileSync(join(path, file), 'latin1')) };
    });
};

/** The whole corpus, invalid messages first. */
export const readVectors = (): Vector[] => [...readFolder(false), ...readFolder(true)];
