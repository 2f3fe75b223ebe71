/** `2026-11-23`, a space or T, `18:00`, with seconds or not, and a time zone: none (UTC), Z, +01:00 or Europe/Paris. */
const shape =
  /^(\d{4})-(\d\d)-(\d\d)[ T](\d{1,2}):(\d\d)(?::(\d\d)(\.\d{1,6})?)?\s*(Z|[+-]\d\d:?\d\d|[A-Za-z][A-Za-z0-9_+/-]*)?$/;

/** Reads a moment as the Dev Center's "Heroku Postgres Rollback" writes it; undefined when it is none. */
export const parseMoment = (text: string): Date | undefined => {
  const match = shape.exec(text.trim());
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const ms = Math.floor(Number(match[7] ?? 0) * 1000);
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const fields = new Date(asUtc);
  // A part out of its bounds has carried over to the next larger one.
  const read = [fields.getUTCMonth() + 1, fields.getUTCDate(), fields.getUTCHours(), fields.getUTCMinutes()];
  if (read.join() !== [month, day, hour, minute].join()) return undefined;
  const zone = match[8] ?? 'Z';
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (zone === 'Z') return fields;
  if (offset !== null) {
    const minutes = (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
    return new Date(asUtc - minutes * 60_000);
  }
  try {
    // Twice, since the first guess may lie on the other side of a change of the clocks.
    const guess = asUtc - offsetMs(zone, asUtc);
    return new Date(asUtc - offsetMs(zone, guess));
  } catch {
    return undefined;
  }
};

/** How far a zone's clocks are ahead of UTC at a moment. @throws RangeError when there is no such zone. */
const offsetMs = (zone: string, atMs: number): number => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  }).formatToParts(atMs);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(atMs / 1000) * 1000;
};

const unitMs: Readonly<Record<string, number>> = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 };

/** `3 days 7 hours 22 minutes` in milliseconds; undefined when it is no span of time. */
export const parseSpan = (text: string): number | undefined => {
  if (!/^(\d+\s*(day|hour|minute|second)s?[\s,]*)+$/.test(text.trim())) return undefined;
  const parts = [...text.matchAll(/(\d+)\s*(day|hour|minute|second)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0), 0);
};
