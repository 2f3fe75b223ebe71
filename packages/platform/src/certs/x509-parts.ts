import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { bitString, boolean, der, objectIdentifier, octetString, sequence, setOf, text } from './der.ts';

const commonName = '2.5.4.3';
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const subjectAltName = '2.5.29.17';

/** `CN=…`, or the empty name. */
export const name = (cn: string): Buffer =>
  cn === '' ? sequence() : sequence(setOf(sequence(objectIdentifier(commonName), text(cn))));

/** SubjectPublicKeyInfo. */
export const publicKeyInfo = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' });

export const signatureAlgorithm = (): Buffer => sequence(objectIdentifier(ecdsaWithSha256));

/** What is signed, by what algorithm, and the signature: the form of certificates and of requests for them. */
export const signed = (content: Buffer, key: KeyObject): Buffer =>
  sequence(content, signatureAlgorithm(), bitString(sign('sha256', content, key)));

export const extension = (oid: string, value: Uint8Array, critical = false): Buffer =>
  sequence(objectIdentifier(oid), ...(critical ? [boolean(true)] : []), octetString(value));

/** The 16 bytes of an IPv6 address, or the 4 of an IPv4 one. */
const addressBytes = (address: string): Buffer => {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // The URL parser writes each address in one way: lower case, an embedded IPv4 address in hexadecimal.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const [before, after] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
};

/** @param hosts names and addresses */
export const alternativeNames = (hosts: readonly string[], critical = false): Buffer =>
  extension(
    subjectAltName,
    sequence(
      ...hosts.map((host) =>
        isIPv4(host) || isIPv6(host) ? der(0x87, addressBytes(host)) : der(0x82, Buffer.from(host)),
      ),
    ),
    critical,
  );
