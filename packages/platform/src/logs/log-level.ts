import type { LogLine } from '../domain/log-line.ts';

/** How bad a line is, the harmless first. */
export const logLevels = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export const isLogLevel = (text: string): text is LogLevel => logLevels.some((level) => level === text);

export const isAtLeast = (level: LogLevel, least: LogLevel): boolean =>
  logLevels.indexOf(level) >= logLevels.indexOf(least);

/** A level is said at a line's beginning, if it is said at all. */
const lookedAt = 200;

const names: readonly (readonly [LogLevel, string])[] = [
  ['error', 'emerg|alert|crit|critical|fatal|panic|error|err|severe|traceback'],
  ['warning', 'warning|warn'],
  ['info', 'notice|info'],
  ['debug', 'debug|trace|verbose'],
];

/** In capitals anywhere, first of all, or named by a field: `ERROR`, `Error: x`, `level=error`, `"severity": "Error"`. */
const patterns = names.map(([level, words]) => ({
  level,
  shouted: new RegExp(`(?:^|[\\s[(])(?:${words.toUpperCase()})(?=[\\s:,\\])]|$)`),
  said: new RegExp(`^[\\W\\d]*(?:${words})\\b|\\b(?:level|lvl|severity|at)"?[=:]\\s*"?(?:${words})\\b`, 'i'),
}));

/** `ValueError: x`, `java.io.IOException: x`: how the errors of most languages begin. */
const thrown = /^(?:uncaught )?[\w.$]*(?:error|exception)\b:?/i;

/** Of loggers that count: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
const numbered = /"level":\s*(\d0)\b/;

/** The level that a line seems to have by what stands in it; `info` where it says none. */
export const levelOf = ({ text }: Pick<LogLine, 'text'>): LogLevel => {
  const start = text.slice(0, lookedAt);
  const number = Number(numbered.exec(start)?.[1] ?? Number.NaN);
  if (!Number.isNaN(number)) return number >= 50 ? 'error' : number >= 40 ? 'warning' : number >= 30 ? 'info' : 'debug';
  if (thrown.test(start)) return 'error';
  return patterns.find(({ shouted, said }) => shouted.test(start) || said.test(start))?.level ?? 'info';
};
