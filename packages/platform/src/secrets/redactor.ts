/** Stands where a secret stood. */
export const redacted = '[REDACTED]';

/** Replaces known secrets in text; made once per change of config, used for every log line. */
export class Redactor {
  readonly #pattern: RegExp | undefined;

  constructor(secrets: Iterable<string>) {
    // Longest first: a whole URL goes before the password in it.
    const longestFirst = [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
    if (longestFirst.length > 0) this.#pattern = new RegExp(longestFirst.map((s) => RegExp.escape(s)).join('|'), 'g');
  }

  redact(text: string): string {
    return this.#pattern === undefined ? text : text.replace(this.#pattern, redacted);
  }
}
