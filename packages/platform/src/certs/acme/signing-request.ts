import type { KeyObject } from 'node:crypto';
import { context, integer, objectIdentifier, sequence, setOf } from '../der.ts';
import { alternativeNames, name, publicKeyInfo, signed } from '../x509-parts.ts';

const extensionRequest = '1.2.840.113549.1.9.14';
/** Longer ones have no place in a common name (RFC 5280 appendix A, ub-common-name). */
const longestCommonName = 64;

/**
 * A certificate signing request for one host name (RFC 2986), DER.
 * @param key EC P-256
 */
export const signingRequest = (hostname: string, key: KeyObject): Buffer =>
  signed(
    sequence(
      integer(Buffer.of(0)),
      name(hostname.length <= longestCommonName ? hostname : ''),
      publicKeyInfo(key),
      context(0, sequence(objectIdentifier(extensionRequest), setOf(sequence(alternativeNames([hostname]))))),
    ),
    key,
  );
