/** The time zone that the visitor's clock shows: `Europe/Paris`. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A moment as an `<input type="datetime-local">` writes it: `2026-11-23T18:00`, by the visitor's clock. */
export const localMoment = (time: Date): string => {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`;
};
