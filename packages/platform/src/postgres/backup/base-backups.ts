import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, createZstdDecompress, zstdCompress } from 'node:zlib';
import pg from 'pg';
import { assertRoom } from '../../files/disk-room.ts';
import { makeFolder, syncFolder, writeDurably } from '../../files/write-durably.ts';
import type { SuperuserConnection } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';
import { copyBackup } from '../copy-streams.ts';
import { inOrder } from '../in-order.ts';
import { withSuperuser } from '../superuser.ts';
import { TarCheck } from './tar-check.ts';
import { lsnNumber, segmentName } from './wal-segments.ts';

/** A whole copy of a cluster, good by itself for the moment of its end and with the archived log for any later one. */
export interface BaseBackup {
  readonly name: string;
  /** Unix milliseconds by this machine's clock, which may have been set meanwhile; places in the log are never wrong. */
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly startLsn: string;
  readonly endLsn: string;
  /** The log is needed from this file on. */
  readonly firstSegment: string;
  /** Of the files of the cluster. */
  readonly sizeBytes: number;
  readonly storedBytes: number;
  /** Of the stored file. */
  readonly sha256: string;
}

const isBaseBackup = (value: unknown): value is BaseBackup => {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>; // an object, checked above
  const texts = [fields.name, fields.startLsn, fields.endLsn, fields.firstSegment, fields.sha256];
  const numbers = [fields.startedAtMs, fields.finishedAtMs, fields.sizeBytes, fields.storedBytes];
  return texts.every((text) => typeof text === 'string') && numbers.every(Number.isFinite);
};

const read = async (file: string): Promise<BaseBackup | undefined> => {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isBaseBackup(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** The stored file isn't what was stored. */
export class DamagedBackup extends ClusterError {}

const compress = promisify(zstdCompress);
const frameOptions = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};
const pieceBytes = 1024 * 1024;
/** Parts of a backup, frames of their own; few, since they take threads that all of the process shares. */
const compressedAtOnce = 3;

/** The base backups in a folder, one folder each; a folder has its name once it is whole and on disk. */
export class BaseBackups {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** In the order of their places in the log; those that say nothing of themselves are left out. */
  async list(): Promise<readonly BaseBackup[]> {
    const all = await Promise.all((await this.#names()).map((name) => read(join(this.#folder, name, 'backup.json'))));
    const found = all.filter((backup) => backup !== undefined);
    return found.sort((a, b) => lsnNumber(a.startLsn) - lsnNumber(b.startLsn));
  }

  /** Folders of those that are left out, since their `backup.json` can't be read; nobody removes them. */
  async unreadable(): Promise<readonly string[]> {
    const folders = (await this.#names()).map((name) => join(this.#folder, name));
    const all = await Promise.all(folders.map((folder) => read(join(folder, 'backup.json'))));
    return folders.filter((_, index) => all[index] === undefined);
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => !name.includes('.new-'));
  }

  /**
   * Copies a running cluster, and removes what an interrupted attempt has left.
   * @throws NoRoom when the disk has none for it
   * @throws ClusterError when what came is not what the server says it sent
   */
  async take(server: SuperuserConnection, expectedBytes: number, signal?: AbortSignal): Promise<BaseBackup> {
    await makeFolder(this.#folder, 0o700);
    await this.#removeUnfinished();
    await assertRoom(this.#folder, expectedBytes, 'A base backup');
    const startedAtMs = Date.now();
    const fresh = join(this.#folder, `.new-${randomBytes(4).toString('hex')}`);
    await mkdir(fresh, { mode: 0o700 });
    try {
      const taken = await copyCluster(server, fresh, signal);
      const stamp = new Date(startedAtMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
      const name = `${taken.firstSegment}-${stamp}`;
      const backup = { ...taken, name, startedAtMs, finishedAtMs: Date.now() };
      await writeDurably(join(fresh, 'backup.json'), JSON.stringify(backup));
      await rename(fresh, join(this.#folder, name));
      await syncFolder(this.#folder);
      return backup;
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      throw error;
    }
  }

  async remove(backup: BaseBackup): Promise<void> {
    const going = join(this.#folder, `.new-${randomBytes(4).toString('hex')}`);
    await rename(join(this.#folder, backup.name), going);
    await rm(going, { recursive: true, force: true });
  }

  /** Writes the backup's tar archive. @throws DamagedBackup */
  async unpack(backup: BaseBackup, into: Writable): Promise<void> {
    const file = join(this.#folder, backup.name, 'base.tar.zst');
    const hash = createHash('sha256');
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    try {
      await pipeline(
        createReadStream(file, { highWaterMark: pieceBytes }),
        counted,
        createZstdDecompress({ chunkSize: pieceBytes }),
        into,
      );
    } catch (cause) {
      throw damaged(backup, cause);
    }
    if (hash.digest('hex') !== backup.sha256) throw damaged(backup, undefined);
  }

  async #removeUnfinished(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (name.includes('.new-')) await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }
}

const damaged = (backup: BaseBackup, cause: unknown): DamagedBackup =>
  new DamagedBackup(`The base backup ${backup.name} is damaged${cause instanceof Error ? `: ${cause.message}` : ''}.`, {
    cause,
  });

/** Streams BASE_BACKUP into `base.tar.zst` and `backup_manifest`, comparing the one with the other. */
const copyCluster = async (
  server: SuperuserConnection,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Omit<BaseBackup, 'name' | 'startedAtMs' | 'finishedAtMs'>> => {
  await using stack = new AsyncDisposableStack();
  const file = stack.use(await open(join(folder, 'base.tar.zst'), 'wx', 0o600));
  const hash = createHash('sha256');
  let storedBytes = 0;
  const check = new TarCheck();
  const replication = { ...server, replication: 'true' as const };
  // Keeps the log that the backup needs from being removed while it runs; it goes with its connection.
  const slot = new pg.Client({ ...replication, database: 'postgres' });
  slot.on('error', () => {}); // Then the backup fails by itself.
  stack.defer(() => slot.end());
  await slot.connect();
  await slot.query(`CREATE_REPLICATION_SLOT ravine_${randomBytes(4).toString('hex')} TEMPORARY PHYSICAL RESERVE_WAL`);
  const { rows, manifest } = await withSuperuser(replication, 'postgres', async (client) => {
    const { archive, manifest, rows } = copyBackup(
      client,
      "BASE_BACKUP (LABEL 'ravine', CHECKPOINT 'fast', WAL true, WAIT false, MANIFEST 'yes', TARGET 'client')",
    );
    signal?.addEventListener('abort', () => archive.destroy(new Error('The backup was stopped.')), { once: true });
    const frames = inOrder(archive as AsyncIterable<Buffer>, compressedAtOnce, (bytes) => {
      check.add(bytes);
      return compress(bytes, { ...frameOptions, chunkSize: bytes.length + 1024 });
    });
    for await (const frame of frames) {
      hash.update(frame);
      storedBytes += frame.length;
      await file.writeFile(frame);
    }
    return { rows, manifest: Buffer.concat(manifest) };
  });
  await file.sync();
  const sizeBytes = check.assertMatches(manifest.toString('utf8'));
  await writeDurably(join(folder, 'backup_manifest'), manifest);
  const [startLsn, timeline] = rows[0] ?? [];
  const endLsn = rows.at(-1)?.[0];
  if (!startLsn || !timeline || !endLsn) throw new ClusterError('The server did not say where the backup begins.');
  const firstSegment = segmentName(Number(timeline), startLsn);
  return { startLsn, endLsn, firstSegment, sizeBytes, storedBytes, sha256: hash.digest('hex') };
};
