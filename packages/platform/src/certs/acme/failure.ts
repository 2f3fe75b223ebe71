/**
 * Why a certificate was not had, in words for the domain's owner.
 * - `dns`: the name has no address; the authority was not asked
 * - `domain`: the authority asked the domain and did not like what it saw
 * - `authority`: the authority is away, or refuses us rather than the domain
 */
export class IssuanceFailure extends Error {
  override readonly name = 'IssuanceFailure';
  readonly kind: 'dns' | 'domain' | 'authority';
  /** Where the authority says when to come back. */
  readonly retryAfterMs: number | undefined;
  /** Whether the order is of no more use. */
  readonly final: boolean;

  constructor(
    kind: IssuanceFailure['kind'],
    message: string,
    { retryAfterMs, final = true }: { readonly retryAfterMs?: number | undefined; readonly final?: boolean } = {},
  ) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
    this.final = final;
  }
}
