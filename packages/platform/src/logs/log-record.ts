import type { LogLine } from '../domain/log-line.ts';

/** A kept line. Its id is the position after it in the app's log: ids grow, survive restarts, and reading goes on from one. */
export interface LogEntry extends LogLine {
  readonly id: number;
}

const lineFeed = 10;

/** On disk: `AT_US SOURCE DYNO TEXT\n`, or `AT_US SOURCE DYNO#MARK TEXT\n`. */
export const encodeRecord = ({ atUs, source, dyno, text, mark }: LogLine): string =>
  `${atUs} ${source} ${mark === undefined ? dyno : `${dyno}#${mark}`} ${text.includes('\n') ? text.replaceAll('\n', ' ') : text}\n`;

/**
 * Reads the whole records of a piece of a log.
 * @param base id of the first byte, which must begin a record; bytes after the last line feed are ignored.
 */
export const decodeRecords = (bytes: Buffer, base: number): LogEntry[] => {
  const entries: LogEntry[] = [];
  let start = 0;
  for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
    const entry = decodeRecord(bytes.toString('utf8', start, end), base + end + 1);
    if (entry) entries.push(entry);
    start = end + 1;
  }
  return entries;
};

/** A record that power loss has garbled is skipped, not an error. */
const decodeRecord = (record: string, id: number): LogEntry | undefined => {
  const afterTime = record.indexOf(' ');
  const afterSource = record.indexOf(' ', afterTime + 1);
  const afterDyno = record.indexOf(' ', afterSource + 1);
  if (afterTime === -1 || afterSource === -1 || afterDyno === -1) return undefined;
  const atUs = Number(record.slice(0, afterTime));
  const source = record.slice(afterTime + 1, afterSource);
  if (!Number.isSafeInteger(atUs) || (source !== 'app' && source !== 'heroku')) return undefined;
  const [dyno = '', mark] = record.slice(afterSource + 1, afterDyno).split('#');
  return { id, atUs, source, dyno, text: record.slice(afterDyno + 1), ...(mark === undefined ? {} : { mark }) };
};
