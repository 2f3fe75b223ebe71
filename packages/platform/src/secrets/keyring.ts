import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

const keyBytes = 32;
const version = 1;
const keyIdBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + keyIdBytes + nonceBytes + tagBytes;

/** A sealed value could not be opened; the message says whether key, context or bytes are at fault. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError';
}

/**
 * Seals values with AES-256-GCM under the master key.
 * A box is: version (1 byte), key id (4), nonce (12), tag (16), ciphertext. The context (`app:ID:config`) is
 * authenticated but not stored: a box opens only under the context it was sealed with.
 */
export class Keyring {
  readonly #key: Buffer;
  readonly #keyId: Buffer;
  readonly #file: string;

  constructor(key: Buffer, file: string) {
    this.#key = key;
    this.#file = file;
    this.#keyId = createHmac('sha256', key).update('ravine key id').digest().subarray(0, keyIdBytes);
  }

  /** Names the key without telling anything about it. */
  get keyId(): string {
    return this.#keyId.toString('hex');
  }

  seal(value: Uint8Array | string, context: string): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const head = Buffer.concat([Buffer.of(version), this.#keyId]);
    cipher.setAAD(Buffer.concat([head, Buffer.from(context)]));
    const sealed = Buffer.concat([cipher.update(value), cipher.final()]);
    return Buffer.concat([head, nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws UnsealError when the box was sealed under another key or context, or was changed. */
  open(box: Uint8Array, context: string): Buffer {
    const bytes = Buffer.from(box.buffer, box.byteOffset, box.byteLength);
    if (bytes.length < headerBytes || bytes[0] !== version) {
      throw new UnsealError(
        `Expected a sealed value of format ${version} for ${context}, got ${bytes.length} bytes of another format. ` +
          'Restore the store from a backup made by this version of Ravine.',
      );
    }
    const keyId = bytes.subarray(1, 1 + keyIdBytes);
    if (!keyId.equals(this.#keyId)) {
      throw new UnsealError(
        `${context} was sealed under key ${keyId.toString('hex')}, but ${this.#file} holds key ${this.keyId}. ` +
          'Put back the key file that belongs to this store.',
      );
    }
    const nonce = bytes.subarray(1 + keyIdBytes, headerBytes - tagBytes);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.concat([bytes.subarray(0, 1 + keyIdBytes), Buffer.from(context)]));
    decipher.setAuthTag(bytes.subarray(headerBytes - tagBytes, headerBytes));
    const opened = decipher.update(bytes.subarray(headerBytes));
    try {
      return Buffer.concat([opened, decipher.final()]);
    } catch {
      throw new UnsealError(
        `The sealed value of ${context} is damaged or belongs to something else. Restore the store from a backup.`,
      );
    }
  }

  sealJson(value: unknown, context: string): Buffer {
    return this.seal(JSON.stringify(value), context);
  }

  /** @throws UnsealError as {@link Keyring.open} does. */
  openJson(box: Uint8Array, context: string): unknown {
    return JSON.parse(this.open(box, context).toString('utf8'));
  }

  /**
   * Opens a JSON object whose values are all strings, such as config vars.
   * @throws UnsealError also when the box holds anything else.
   */
  openStrings(box: Uint8Array, context: string): Record<string, string> {
    const value = this.openJson(box, context);
    const strings: Record<string, string> = {};
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notStrings(context);
    for (const [name, entry] of Object.entries(value)) {
      if (typeof entry !== 'string') throw notStrings(context);
      strings[name] = entry;
    }
    return strings;
  }
}

const notStrings = (context: string): UnsealError =>
  new UnsealError(
    `Expected ${context} to hold a JSON object of strings, got something else. Restore it from a backup.`,
  );

/**
 * Opens the key file `master.key` in a folder (mode 0700), making both on the first start.
 * Two processes that start at once end up with the same key.
 * @throws Error when the file isn't a key of 32 bytes.
 */
export const openKeyring = async (folder: string): Promise<Keyring> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const file = path.join(folder, 'master.key');
  const key = (await readKey(file)) ?? (await makeKey(folder, file));
  if (key.length !== keyBytes) {
    throw new Error(
      `Expected ${keyBytes} bytes in ${file}, got ${key.length}. Put back the key file from your backup.`,
    );
  }
  await chmod(file, 0o600);
  return new Keyring(key, file);
};

/** Whether a folder has a key already, so that a caller can refuse to make one over a store that holds sealed data. */
export const hasKey = async (folder: string): Promise<boolean> =>
  (await readKey(path.join(folder, 'master.key'))) !== undefined;

const readKey = async (file: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const makeKey = async (folder: string, file: string): Promise<Buffer> => {
  const temporary = path.join(folder, `.master.key.${randomBytes(6).toString('hex')}`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(randomBytes(keyBytes));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // Unlike a rename, a link never replaces the key that another process has just made.
    await link(temporary, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return readFile(file);
};
