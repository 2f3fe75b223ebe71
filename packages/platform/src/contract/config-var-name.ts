/**
 * The config var that an attachment sets for one entry of its add-on's config: `URL` under `DATABASE` is `DATABASE_URL`.
 * An entry that begins with `=` has the same name under every attachment: `=AWS_REGION` is `AWS_REGION`. Those yield to
 * a config var of that name that the user has set.
 */
export const configVarName = (attachment: string, entry: string): string =>
  isWholeName(entry) ? entry.slice(1) : `${attachment}_${entry}`;

export const isWholeName = (entry: string): boolean => entry.startsWith('=');
