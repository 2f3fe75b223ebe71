/**
 * Where a reader stands in a container's log: the time of the last frame it has, and how many frames of that very time
 * it has, since the engine can only be asked for what was written at a time or later.
 */
export interface LogPosition {
  /** Unix time in seconds with nine digits behind the point, as the engine takes it. */
  readonly since: string;
  readonly seen: number;
}

export const formatPosition = ({ since, seen }: LogPosition): string => `${since}:${seen}`;

/** Undefined for what isn't a position: then reading begins at the beginning. */
export const parsePosition = (text: string | undefined): LogPosition | undefined => {
  const match = /^(\d+\.\d{9}):(\d+)$/.exec(text ?? '');
  return match?.[1] === undefined ? undefined : { since: match[1], seen: Number(match[2]) };
};

const space = 0x20;

/** Takes a frame of a log with times apart. @throws Error when it doesn't begin with a time (RFC 3339, in UTC). */
export const readFrameTime = (frame: Buffer): { readonly since: string; readonly bytes: Buffer } => {
  const end = frame.indexOf(space);
  const [, second, fraction = ''] = /^([^.Z]+)(?:\.(\d{1,9}))?Z$/.exec(frame.toString('latin1', 0, end)) ?? [];
  if (end < 0 || second === undefined) throw new Error(`Expected a time before the log line, got ${frame.toString()}`);
  return {
    since: `${Date.parse(`${second}Z`) / 1000}.${fraction.padEnd(9, '0')}`,
    bytes: frame.subarray(end + 1),
  };
};

/** The position after one more frame. */
export const advance = (position: LogPosition | undefined, since: string): LogPosition =>
  position?.since === since ? { since, seen: position.seen + 1 } : { since, seen: 1 };
