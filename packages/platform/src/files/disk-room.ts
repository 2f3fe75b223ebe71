import { statfs } from 'node:fs/promises';

/** Left free for what is in use already: a full disk stops databases. */
const reserveBytes = 128 * 1024 * 1024;

/** The disk has no room for something that was not begun therefore. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom';
}

const mb = (bytes: number): number => Math.ceil(bytes / 1024 / 1024);

/**
 * To be asked before much is written.
 * @param folder one that is there, on the disk in question
 * @param what begins the sentence: `A restore`
 * @throws NoRoom with the figures
 */
export const assertRoom = async (folder: string, bytes: number, what: string): Promise<void> => {
  const { bavail, bsize } = await statfs(folder);
  const [needed, free] = [bytes + reserveBytes, bavail * bsize];
  if (free >= needed) return;
  throw new NoRoom(`${what} needs up to ${mb(needed)} MB of free disk, and there are ${mb(free)} MB. Free some first.`);
};
