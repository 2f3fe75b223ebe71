import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { DynoSpec } from '../../driver.ts';
import { DriverError } from '../../driver-error.ts';
import { isRoot } from './dyno-folder.ts';
import { type DynoRecord, identify, writeRecord } from './dyno-record.ts';
import type { Limits } from './limits.ts';
import type { ShimFiles } from './shim-files.ts';

/** Nothing of Ravine's own environment passes; what is set here yields to the config vars, except what makes a dyno a dyno. */
export const dynoEnvironment = (
  spec: DynoSpec,
  folder: string,
  shell: string,
  port: number | undefined,
): Record<string, string> => {
  const home = join(folder, 'app');
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    ...spec.env,
    HOME: home,
    PWD: home,
    SHELL: shell,
    TMPDIR: join(folder, 'tmp'),
    ...(port === undefined ? {} : { PORT: String(port) }),
  };
};

/** What a shim is started from. */
export interface Launch {
  readonly spec: DynoSpec;
  readonly folder: string;
  readonly files: ShimFiles;
  readonly limits: Limits;
  readonly port: number | undefined;
}

const spawned = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new DriverError(`Could not start a process: ${error.message}`)));
  });

/** The record of a dyno whose first process is `pid`. */
export const recordOf = (launch: Launch, pid: number, how: Pick<DynoRecord, 'attached' | 'kept'>): DynoRecord => ({
  id: launch.spec.id,
  appId: launch.spec.appId,
  name: launch.spec.name,
  ...how,
  shim: identify(pid),
  owner: identify(process.pid),
  startedAtMs: Date.now(),
  uid: launch.spec.uid,
  memoryBytes: launch.spec.memoryBytes,
  ...(launch.port === undefined ? {} : { port: launch.port }),
});

/**
 * Starts a dyno's shim as leader of its own session, limits and records it, and only then lets it run the command:
 * killed at any point before, nothing runs; after, everything is on record.
 */
export const spawnShim = async (
  launch: Launch,
  attached: boolean,
): Promise<{ readonly child: ChildProcess; readonly record: DynoRecord }> => {
  const { spec, folder, files, limits, port } = launch;
  await using status = await open(join(folder, 'status'), 'a', 0o600);
  await using output = await open(join(folder, 'out.log'), 'a', 0o600);
  const stdio: StdioOptions = attached
    ? ['pipe', 'ignore', 'ignore', 'pipe', status.fd, 'pipe']
    : ['ignore', 'ignore', 'ignore', output.fd, status.fd, 'pipe'];
  const mode = attached ? 'attached' : 'detached';
  const child = spawn(files.sh, [files.shim, mode, files.shell, files.launch, files.cat, files.sleep, spec.command], {
    cwd: join(folder, 'app'),
    env: dynoEnvironment(spec, folder, files.shell, port),
    stdio,
    detached: true,
    ...(isRoot ? { uid: spec.uid, gid: spec.uid } : {}),
  });
  await spawned(child);
  const go = child.stdio.at(5);
  if (child.pid === undefined || !(go instanceof Writable)) throw new DriverError('Could not start a process.');
  go.on('error', () => undefined);
  try {
    limits.create(spec);
    limits.join(spec.id, child.pid);
    const record = recordOf(launch, child.pid, { attached, kept: true });
    writeRecord(folder, record);
    go.end('go\n');
    return { child, record };
  } catch (error) {
    go.end();
    throw new DriverError(`Could not start the dyno ${spec.name}: ${String(error)}`, { cause: error });
  }
};
