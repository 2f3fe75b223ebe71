/**
 * How far an ACME authority has come with a domain's certificate.
 * - `waiting`: it is not its turn yet, or its DNS has not been looked at
 * - `dns-verified`: the name has an address; the authority is asked for a challenge
 * - `verified`: the authority has seen the challenge; the certificate is being issued
 */
export type OrderStage = 'waiting' | 'dns-verified' | 'verified';

/** What the authority looks for at the domain while it decides (RFC 8555 section 8.3, RFC 8737). */
export interface AcmeChallenge {
  readonly type: 'http-01' | 'tls-alpn-01';
  readonly token: string;
  readonly keyAuthorization: string;
}

/** After so many failures in a row a domain counts as failed; it is still tried once a day. */
export const failuresUntilFailed = 5;
