import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

interface Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** Second of the equivalent argon2id settings in the OWASP Password Storage Cheat Sheet. */
const cost: Cost = { memoryKib: 19_456, passes: 2, parallelism: 1 };
const saltBytes = 16;
const hashBytes = 32;
/** Far above anything this code has ever written; a damaged row must not eat the machine's memory. */
const maxMemoryKib = 262_144;

/** Hashes a password with argon2id; the result is a PHC string. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(saltBytes);
  const hash = await run(password, salt, hashBytes, cost);
  return `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
};

/**
 * Compares in constant time. Without a hash (no such account) it works as long as with one and says no, so that
 * answers don't tell which accounts exist.
 * @throws Error when the string isn't an argon2id PHC string.
 */
export const verifyPassword = async (password: string, phc: string | undefined): Promise<boolean> => {
  if (phc === undefined) {
    await run(password, Buffer.alloc(saltBytes), hashBytes, cost);
    return false;
  }
  const { salt, hash, ...stored } = parse(phc);
  return timingSafeEqual(await run(password, salt, hash.length, stored), hash);
};

/** Whether a hash was made with other settings than today's and should be made again at the next login. */
export const needsRehash = (phc: string): boolean => {
  const stored = parse(phc);
  return (
    stored.memoryKib !== cost.memoryKib || stored.passes !== cost.passes || stored.parallelism !== cost.parallelism
  );
};

const run = (password: string, salt: Buffer, length: number, { memoryKib, passes, parallelism }: Cost) =>
  derive('argon2id', {
    // The same password typed on another keyboard may arrive in another composition.
    message: password.normalize('NFC'),
    nonce: salt,
    parallelism,
    tagLength: length,
    memory: memoryKib,
    passes,
  });

const parse = (phc: string): Cost & { readonly salt: Buffer; readonly hash: Buffer } => {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  const [memoryKib, passes, parallelism] = (match?.slice(1, 4) ?? []).map(Number);
  const [salt, hash] = (match?.slice(4) ?? []).map((part) => Buffer.from(part, 'base64'));
  if (!memoryKib || memoryKib > maxMemoryKib || !passes || !parallelism || !salt || !hash || hash.length < 16) {
    throw new Error('Expected an argon2id password hash in PHC format, got something else. Set the password again.');
  }
  return { memoryKib, passes, parallelism, salt, hash };
};

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
