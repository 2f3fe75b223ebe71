/** Bytes of one segment, as `initdb --wal-segsize=1` makes clusters here. */
export const segmentBytes = 1024 * 1024;
const segmentsPerId = 0x1_0000_0000 / segmentBytes;

const hex8 = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

/** `0/3A12B678` as a number; exact below 2^53. */
export const lsnNumber = (lsn: string): number => {
  const [high = '0', low = '0'] = lsn.split('/');
  return Number.parseInt(high, 16) * 0x1_0000_0000 + Number.parseInt(low, 16);
};

/** Name of the file that holds the log from this place on. */
export const segmentName = (timeline: number, lsn: string): string => {
  const number = Math.floor(lsnNumber(lsn) / segmentBytes);
  return hex8(timeline) + hex8(Math.floor(number / segmentsPerId)) + hex8(number % segmentsPerId);
};

/** As {@link lsnNumber} takes it. */
export const lsnText = (lsn: number): string =>
  `${Math.floor(lsn / 0x1_0000_0000).toString(16)}/${(lsn % 0x1_0000_0000).toString(16)}`.toUpperCase();

/** Place in the log where a segment begins. */
export const segmentStart = (name: string): number => numberOf(name) * segmentBytes;

const numberOf = (name: string): number =>
  Number.parseInt(name.slice(8, 16), 16) * segmentsPerId + Number.parseInt(name.slice(16, 24), 16);

/** Whether a name is that of a whole segment. */
export const isSegment = (name: string): boolean => /^[0-9A-F]{24}$/.test(name);

/** Whether a name is that of anything the server archives. */
export const isArchived = (name: string): boolean =>
  /^[0-9A-F]{24}(\.[0-9A-F]{8}\.backup|\.partial)?$|^[0-9A-F]{8}\.history$/.test(name);

/** Where in the log a segment stands, timelines aside: names of equal length compare as the places do. */
export const placeOf = (segment: string): string => segment.slice(8, 24);

/** Whether one segment is the next after another, or the same place on a later timeline. */
export const follows = (before: string, after: string): boolean => {
  const step = numberOf(after) - numberOf(before);
  return step === 1 || step === 0;
};
