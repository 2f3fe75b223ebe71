import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import type { SuperuserConnection } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';
import { bareEnvironment } from '../run-program.ts';
import { ArchiveReader } from './archive-reader.ts';
import type { TocEntry } from './toc.ts';

const script = join(import.meta.dirname, 'schema-process.ts');

/** The definitions of a database as pg_dump tells them, as of a snapshot that some transaction has exported. */
export const readSchema = async (
  server: SuperuserConnection,
  database: string,
  snapshot: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly entries: readonly TocEntry[]; readonly serverVersion: string; readonly dumpVersion: string }> => {
  const socket = connect(join(server.host, `.s.PGSQL.${server.port}`));
  const child = spawn(
    process.execPath,
    [
      ...['--max-old-space-size=512', script],
      ...['-Fc', '-Z', '0', '--schema-only', '--sequence-data', '--no-publications', '--no-subscriptions'],
      ...[`--snapshot=${snapshot}`, '-d', `dbname='${database.replaceAll(/['\\]/g, '\\$&')}'`],
    ],
    { cwd: '/', env: bareEnvironment(), stdio: ['pipe', 'pipe', 'pipe', 'pipe'], ...(signal && { signal }) },
  );
  const ended = once(child, 'close').catch((cause: Error) => cause);
  // All four are pipes, as asked for above.
  const [stdin, stdout, stderr, dump] = [child.stdin, child.stdout, child.stderr, child.stdio[3] as Readable];
  if (!stdin || !stdout || !stderr) throw new Error('the process has no pipes');
  socket.on('error', () => child.kill('SIGKILL'));
  stdin.on('error', () => {}); // It ended, and says why.
  stdout.pipe(socket);
  socket.pipe(stdin);
  const [bytes, said] = await Promise.all([buffer(dump), text(stderr), ended]);
  socket.destroy();
  signal?.throwIfAborted();
  if (child.exitCode !== 0) {
    throw new ClusterError(`The definitions of the database could not be read: ${said.trim().slice(-500)}`);
  }
  const reader = new ArchiveReader(
    (async function* () {
      yield bytes;
    })(),
  );
  const head = await reader.head();
  return { entries: await reader.entries(), serverVersion: head.serverVersion, dumpVersion: head.dumpVersion };
};
