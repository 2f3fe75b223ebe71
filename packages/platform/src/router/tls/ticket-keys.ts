import { randomBytes } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';

const keyBytes = 48;
/** Who gets hold of a key can read the sessions that were resumed with it: none is used for longer. */
const lifeMs = 12 * 60 * 60 * 1_000;
const lookEveryMs = 60_000;

const readKeys = async (file: string): Promise<Buffer | undefined> => {
  try {
    const { mtimeMs } = await stat(file);
    const keys = await readFile(file);
    return keys.length === keyBytes && Date.now() - mtimeMs < lifeMs ? keys : undefined;
  } catch {
    return undefined;
  }
};

const writeKeys = async (file: string): Promise<void> => {
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(randomBytes(keyBytes));
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
};

/**
 * Keeps the keys of TLS session tickets in a file that all workers share, so that each resumes what another began,
 * also after a restart. Whoever finds them missing or too old makes new ones; when two do so at once, the last stays
 * and the other learns it at its next look.
 */
export class TicketKeys {
  readonly #file: string;
  readonly #use: (keys: Buffer) => void;
  readonly #timer: NodeJS.Timeout;
  #keys: Buffer | undefined;

  /** @param use gets the keys each time they change. */
  private constructor(file: string, use: (keys: Buffer) => void, onFault: (fault: unknown) => void) {
    this.#file = file;
    this.#use = use;
    this.#timer = setInterval(() => void this.#look().catch(onFault), lookEveryMs);
    this.#timer.unref();
  }

  static async open(file: string, use: (keys: Buffer) => void, onFault: (fault: unknown) => void): Promise<TicketKeys> {
    const keys = new TicketKeys(file, use, onFault);
    await keys.#look().catch(onFault);
    return keys;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    let keys = await readKeys(this.#file);
    if (!keys) {
      await writeKeys(this.#file);
      keys = await readKeys(this.#file);
    }
    if (!keys || this.#keys?.equals(keys)) return;
    this.#keys = keys;
    this.#use(keys);
  }
}
