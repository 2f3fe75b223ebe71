/** Answers and numbers that several ASCII commands share. */
export const badFormat = 'CLIENT_ERROR bad command line format\r\n';

export const mayNot = (what: string): string => `CLIENT_ERROR permission denied: this credential may not ${what}\r\n`;

/** Seconds, of which negative ones are in the past. */
export const parseTime = (word: string | undefined): number | undefined =>
  word !== undefined && /^[+-]?\d{1,15}$/.test(word) ? Number(word) : undefined;

/** Flags of clients are 32 bits. */
export const parseFlags = (word: string): number | undefined =>
  /^\d{1,10}$/.test(word) && Number(word) < 2 ** 32 ? Number(word) : undefined;
