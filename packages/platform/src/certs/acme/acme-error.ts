/** What an ACME authority refused, or that it could not be asked (RFC 8555 section 6.7). */
export class AcmeError extends Error {
  override readonly name = 'AcmeError';
  /** `rateLimited`, without the prefix `urn:ietf:params:acme:error:`; `unreachable` when no answer came. */
  readonly type: string;
  /** Of the HTTP answer; 0 without one. */
  readonly status: number;
  /** How long to wait, where the authority says so. */
  readonly retryAfterMs: number | undefined;

  constructor(type: string, detail: string, status = 0, retryAfterMs?: number, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.type = type;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

const prefix = 'urn:ietf:params:acme:error:';

/** Reads a problem document (RFC 9457); anything else becomes a `serverInternal`. */
export const readProblem = (value: unknown): { readonly type: string; readonly detail: string } => {
  const { type, detail } = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}; // read by two keys
  return {
    type: typeof type === 'string' ? type.replace(prefix, '') : 'serverInternal',
    detail: typeof detail === 'string' ? detail : 'the authority gave no reason',
  };
};

/** Retry-After in either of its forms (RFC 9110 section 10.2.3). */
export const readRetryAfter = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};
