import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** RFC 6238 section 4: 30 seconds a step; what all authenticator apps take. */
const stepSeconds = 30;
const digits = 6;
/** A clock may be off by a step (RFC 6238 section 6). */
const drift = 1;
/** RFC 4226 section 4, R6: 160 bits. */
const secretBytes = 20;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 section 6, without padding: how people and authenticator apps write a secret. */
export const base32 = (bytes: Uint8Array): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
};

export const newTotpSecret = (): Buffer => randomBytes(secretBytes);

/** The code of a step. @see RFC 4226 section 5.3 */
export const totpCode = (secret: Uint8Array, step: number, length = digits): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** length).padStart(length, '0');
};

export const totpStep = (nowMs: number): number => Math.floor(nowMs / 1000 / stepSeconds);

/** The step whose code this is: the present one or one beside it. Undefined: none, or one not after `lastStep`, which was used. */
export const matchTotp = (secret: Uint8Array, code: string, nowMs: number, lastStep: number): number | undefined => {
  const given = Buffer.from(code.replace(/\s/g, ''));
  const present = totpStep(nowMs);
  for (let step = present - drift; step <= present + drift; step++) {
    const right = Buffer.from(totpCode(secret, step));
    if (step > lastStep && given.length === right.length && timingSafeEqual(given, right)) return step;
  }
  return undefined;
};

/** What authenticator apps read from a QR code. */
export const totpUrl = (secret: Uint8Array, email: string): string =>
  `otpauth://totp/${encodeURIComponent(`Ravine:${email}`)}?secret=${base32(secret)}&issuer=Ravine&algorithm=SHA1&digits=${digits}&period=${stepSeconds}`;
