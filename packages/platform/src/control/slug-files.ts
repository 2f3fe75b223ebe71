import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SlugFiles } from '../api/services.ts';
import { invalidParams } from '../contract/platform-error.ts';
import type { DataFolder } from '../domain/data-folder.ts';

const succeeded = async (child: ChildProcess): Promise<boolean> => {
  const [status] = (await once(child, 'close')) as [number | null];
  return status === 0;
};

/** Bytes of all files below a folder. */
export const folderBytes = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size;
  }
  return bytes;
};

/** Slugs that clients bring and fetch as archives with `./app` inside. */
export const slugFiles = (data: DataFolder): SlugFiles => ({
  async receive(slug, body, signal) {
    const draft = `${data.slug(slug.id)}.receiving`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true, mode: 0o711 });
    try {
      const hash = createHash('sha256');
      const hashing = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      const tar = spawn('tar', ['-xz', '--no-same-owner', '-C', draft], {
        stdio: ['pipe', 'ignore', 'ignore'],
        signal,
      });
      const unpacked = succeeded(tar);
      await pipeline(body, hashing, tar.stdin, { signal }).catch(() => {});
      const folder = join(draft, 'app');
      const whole = (await unpacked.catch(() => false)) && (await stat(folder).catch(() => undefined))?.isDirectory();
      if (whole !== true)
        throw invalidParams('The slug must be a .tar.gz archive with a folder ./app inside; this one is not.');
      const sizeBytes = await folderBytes(folder);
      await rm(data.slug(slug.id), { recursive: true, force: true });
      await rename(folder, data.slug(slug.id));
      return { sizeBytes, checksum: `SHA256:${hash.digest('hex')}` };
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  },

  async send(slug, signal): Promise<Readable | undefined> {
    const folder = data.slug(slug.id);
    if ((await stat(folder).catch(() => undefined)) === undefined) return undefined;
    const tar = spawn('tar', ['-cz', '-C', folder, '--transform', 's,^\\.,./app,', '.'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      signal,
    });
    tar.on('error', () => {});
    return tar.stdout;
  },
});
