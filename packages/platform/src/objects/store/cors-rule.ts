/** One rule of a bucket's CORS configuration, as given. */
export interface CorsRule {
  readonly id?: string | undefined;
  /** With at most one `*` each. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  /** With at most one `*` each. */
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAgeSeconds?: number | undefined;
}

const matches = (pattern: string, text: string): boolean => {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
};

/** The first rule that lets a page of `origin` do this. */
export const findCorsRule = (
  rules: readonly CorsRule[],
  origin: string,
  method: string,
  headers: readonly string[],
): CorsRule | undefined =>
  rules.find(
    (rule) =>
      rule.origins.some((pattern) => matches(pattern, origin)) &&
      rule.methods.includes(method) &&
      headers.every((name) => rule.headers.some((pattern) => matches(pattern.toLowerCase(), name.toLowerCase()))),
  );
