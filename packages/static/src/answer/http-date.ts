const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const time = '(\\d{2}):(\\d{2}):(\\d{2})';
const fixdate = new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\\d{2}) ([A-Z][a-z]{2}) (\\d{4}) ${time} GMT$`);
const rfc850 = new RegExp(
  `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\\d{2})-([A-Z][a-z]{2})-(\\d{2}) ${time} GMT$`,
);
const asctime = new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \\d]\\d) ${time} (\\d{4})$`);

/**
 * Milliseconds since 1970 of an HTTP date in any of the three forms; undefined when it is in none, however near it comes.
 * @see RFC 9110 section 5.6.7
 */
export const parseHttpDate = (text: string): number | undefined => {
  const fixed = fixdate.exec(text);
  if (fixed) return moment(fixed[3], fixed[2], fixed[1], fixed.slice(4));
  const old = rfc850.exec(text);
  if (old) return moment(fullYear(Number(old[3])), old[2], old[1], old.slice(4));
  const c = asctime.exec(text);
  return c ? moment(c[6], c[1], c[2], c.slice(3, 6)) : undefined;
};

/** A two-digit year that seems more than 50 years ahead is one of the past century. */
const fullYear = (short: number): number => {
  const thisYear = new Date().getUTCFullYear();
  const year = thisYear - (thisYear % 100) + short;
  return year > thisYear + 50 ? year - 100 : year;
};

const moment = (
  year: string | number | undefined,
  monthName: string | undefined,
  day: string | undefined,
  clock: readonly (string | undefined)[],
): number | undefined => {
  const month = months.indexOf(monthName ?? '');
  const [hour = 0, minute = 0, second = 0] = clock.map(Number);
  if (month === -1 || hour > 23 || minute > 59 || second > 60) return undefined;
  const date = Date.UTC(Number(year), month, Number(day), hour, minute, second);
  return new Date(date).getUTCMonth() === month || Number(day) <= 28 ? date : undefined;
};
