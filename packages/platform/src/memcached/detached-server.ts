import { spawn } from 'node:child_process';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const { request } = process.getBuiltinModule('node:http');

const script = join(import.meta.dirname, '..', 'processes', 'memcached.ts');
const mb = 1024 * 1024;
const startMs = 10_000;
const answerMs = 5_000;

/**
 * Garbage is collected when the heap has grown by a third, so that what is held stays near what is counted; where all
 * plans together are more than half of the machine's memory, the process would end at the heap's limit.
 */
const nodeArguments = [
  `--max-old-space-size=${Math.max(512, Math.floor(totalmem() / mb / 2))}`,
  '--max-semi-space-size=8',
  '--heap-growing-percent=30',
];

/** Asks the server of a folder, whoever started it. @throws when none answers or it refuses. */
export const askServer = async (
  folder: string,
  method: 'GET' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Readonly<Record<string, unknown>>> => {
  const signal = AbortSignal.timeout(answerMs);
  const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, unknown>>>();
  const call = request({ socketPath: join(folder, 'control.sock'), method, path, signal, agent: false }, (response) => {
    json(response).then((value) => {
      const answer = value as Record<string, unknown>; // our own server's, which answers objects
      if (response.statusCode === 200) resolve(answer);
      else reject(new Error(`the memcached server refused: ${String(answer.error)}`));
    }, reject);
  });
  call.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
};

/** The pid of the server of a folder, or undefined when none answers. */
export const findServer = async (folder: string): Promise<number | undefined> => {
  const pid = await askServer(folder, 'GET', '/').then(
    (answer) => answer.pid,
    () => undefined,
  );
  return typeof pid === 'number' ? pid : undefined;
};

/** Starts a server for a folder that has a `tenants.json`, detached from this process; waits until it answers. */
export const startServer = async (folder: string, onExit: () => void): Promise<void> => {
  const child = spawn(process.execPath, [...nodeArguments, script, folder], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: 'ignore',
  });
  let ended = false;
  const end = (): void => {
    ended = true;
    onExit();
  };
  child.on('error', end).on('exit', end).unref();
  const until = performance.now() + startMs;
  while ((await findServer(folder)) === undefined) {
    if (ended || performance.now() > until) {
      throw new Error('The memcached server did not start; its port may be in use by another program.');
    }
    await sleep(20);
  }
};

/** Stops the server of a folder; no-op when none runs. */
export const stopServer = async (folder: string): Promise<void> => {
  const pid = await findServer(folder);
  if (pid === undefined) return;
  await askServer(folder, 'DELETE', '/').catch(() => {});
  while ((await findServer(folder)) === pid) await sleep(10);
};
