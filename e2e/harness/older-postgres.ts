import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Of Debian's package, as a developer's machine may have it; `npm test` sees to it. */
const programs = '/usr/lib/postgresql/15/bin';

/** A developer's own PostgreSQL on this machine, which lets everybody in. */
export interface OlderPostgres extends AsyncDisposable {
  readonly url: string;
}

/** Starts it in a folder of its own; PostgreSQL refuses root, so then it runs as nobody. */
export const startOlderPostgres = async (port: number): Promise<OlderPostgres> => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-older-'));
  const asUser = process.getuid?.() === 0 ? await nobody() : {};
  if (asUser.uid !== undefined && asUser.gid !== undefined) await chown(folder, asUser.uid, asUser.gid);
  const data = join(folder, 'data');
  const how = { ...asUser, cwd: folder };
  await promisify(execFile)(join(programs, 'initdb'), ['-U', 'dev', '-A', 'trust', '-N', '-D', data], how);
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), '-k', folder], {
    ...how,
    stdio: 'ignore',
  });
  const ended = once(server, 'exit');
  const url = `postgres://dev@localhost:${port}/postgres`;
  const answers = () =>
    promisify(execFile)('psql', [url, '-c', 'SELECT 1']).then(
      () => true,
      () => false,
    );
  while (!(await answers())) await sleep(50);
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const nobody = async (): Promise<{ uid?: number; gid?: number }> => {
  const fields = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = fields.find(([name]) => name === 'nobody');
  return { uid: Number(found?.[2]), gid: Number(found?.[3]) };
};
