/** Seconds since this process began, and a little: never back, whatever the machine's clock does. */
export const seconds = (): number => Math.floor(performance.now() / 1000) + 2;

const monthSeconds = 60 * 60 * 24 * 30;

/**
 * When something expires, on the clock of {@link seconds}; 0 is never.
 * @param time as clients give it: seconds from now up to 30 days, a Unix time beyond, negative for at once
 */
export const expiry = (time: number): number => {
  if (time === 0) return 0;
  if (time < 0) return 1;
  if (time <= monthSeconds) return seconds() + time;
  return Math.max(1, seconds() + time - Math.floor(Date.now() / 1000));
};

/** Seconds until then, as meta commands show it: -1 is never. */
export const timeLeft = (expiresAt: number): number => (expiresAt === 0 ? -1 : expiresAt - seconds());
