import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder, syncFolder } from '../files/write-durably.ts';
import type { PostgresBinaries } from './binaries.ts';
import { ClusterError } from './cluster-error.ts';
import { type RunAs, runProgram } from './run-program.ts';
import { runStatements } from './single-user.ts';
import type { ClusterTemplate } from './template.ts';
import { removeUnfinished, unfinishedName } from './unfinished.ts';
import { assertReachable, isRoot, makerOfClusters } from './unprivileged.ts';

/** The places of one cluster. */
export interface ClusterFolder {
  /** PGDATA; there only when it is whole. */
  readonly data: string;
  readonly sockets: string;
  readonly log: string;
  /** Where its server puts the write-ahead log that it archives. */
  readonly inbox: string;
  /** Certificate and key of its server. */
  readonly tls: string;
}

/** sun_path of sockaddr_un, less the name `.s.PGSQL.65535` and a terminator. */
const maxSocketFolderLength = 107 - '/.s.PGSQL.65535.lock'.length;

export const clusterFolder = (folder: string): ClusterFolder => {
  const near = join(folder, 'run');
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return {
    data: join(folder, 'data'),
    sockets: near.length <= maxSocketFolderLength ? near : join(tmpdir(), `ravine-pg-${digest}`),
    log: join(folder, 'server.log'),
    inbox: join(folder, 'wal'),
    tls: join(folder, 'server.pem'),
  };
};

/** Makes the folder around a cluster, owned so that its server can work in it and nobody else can. */
export const prepareFolder = async (folder: string, places: ClusterFolder, runAs: RunAs | undefined): Promise<void> => {
  await makeFolder(folder, 0o711);
  await chmod(folder, isRoot() ? 0o711 : 0o700);
  await assertReachable(folder);
  await mkdir(places.sockets, { recursive: true, mode: 0o700 });
  const owner = (await lstat(places.sockets)).uid;
  if (owner !== process.getuid?.() && owner !== runAs?.uid) {
    throw new ClusterError(
      `The folder ${places.sockets} for PostgreSQL's socket belongs to uid ${owner}. Remove it, or choose a data folder with a shorter path.`,
    );
  }
  if (runAs) await chown(places.sockets, runAs.uid, runAs.gid);
};

/** Makes the folder that the server archives into. */
export const prepareInbox = async (places: ClusterFolder, runAs: RunAs | undefined): Promise<void> => {
  await mkdir(places.inbox, { recursive: true, mode: 0o700 });
  if (runAs) await chown(places.inbox, runAs.uid, runAs.gid);
};

/** Puts a certificate, with its key, where the server reads it at its next start or reload. */
export const placeCertificate = async (places: ClusterFolder, pem: string, runAs: RunAs | undefined): Promise<void> => {
  await writeFile(`${places.tls}.new`, pem, { mode: 0o600 });
  if (runAs) await chown(`${places.tls}.new`, runAs.uid, runAs.gid);
  await rename(`${places.tls}.new`, places.tls);
};

export const holdsCluster = async (places: ClusterFolder): Promise<boolean> =>
  (await lstat(places.data).catch(() => undefined)) !== undefined;

/** @throws ClusterError when the cluster was made by another major version than these binaries'. */
export const assertSameMajor = async (places: ClusterFolder, binaries: PostgresBinaries): Promise<void> => {
  const made = (await readFile(join(places.data, 'PG_VERSION'), 'utf8')).trim();
  const ours = binaries.version.split('.')[0];
  if (made !== ours) {
    throw new ClusterError(
      `The cluster in ${places.data} was made by PostgreSQL ${made}, and this Ravine brings ${ours}. A database of an app is brought over with heroku pg:upgrade:run; what is in any other is dumped by the Ravine that made it.`,
    );
  }
};

/**
 * Makes the cluster: a copy of the template, the bootstrap statements run in it, everything on disk, then renamed into
 * place. Killed anywhere before that, it leaves only what the next attempt removes.
 */
export const makeCluster = async (
  binaries: PostgresBinaries,
  template: ClusterTemplate,
  places: ClusterFolder,
  bootstrap: readonly string[],
  runAs: RunAs | undefined,
  signal: AbortSignal | undefined,
): Promise<void> => {
  await removeUnfinished(places.data);
  const source = await template.folder();
  const maker = await makerOfClusters();
  const fresh = unfinishedName(places.data);
  const own = (to: RunAs) => runProgram('chown', ['-R', `${to.uid}:${to.gid}`, fresh], { signal });
  try {
    await runProgram('cp', ['-a', source, fresh], { signal });
    if (maker) await own(maker);
    await runStatements(binaries, fresh, bootstrap, maker);
    await runProgram(binaries.initdb, ['--sync-only', '-D', fresh], { runAs: maker, cwd: fresh, signal });
    if (runAs) await own(runAs);
    signal?.throwIfAborted();
    await rename(fresh, places.data);
    await syncFolder(dirname(places.data));
  } catch (error) {
    await rm(fresh, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }
};
