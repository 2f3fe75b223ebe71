import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);
const iterations = 4096;

/**
 * What PostgreSQL stores in place of a password, so that no statement ever carries the password itself.
 * @param password printable ASCII, which needs no SASLprep.
 * @see RFC 5803 section 3, RFC 7677
 */
export const scramVerifier = async (password: string): Promise<string> => {
  const salt = randomBytes(16);
  const salted = await derive(password, salt, iterations, 32, 'sha256');
  const sign = (label: string) => createHmac('sha256', salted).update(label).digest();
  const storedKey = createHash('sha256').update(sign('Client Key')).digest();
  const text = (bytes: Buffer) => bytes.toString('base64');
  return `SCRAM-SHA-256$${iterations}:${text(salt)}$${text(storedKey)}:${text(sign('Server Key'))}`;
};
