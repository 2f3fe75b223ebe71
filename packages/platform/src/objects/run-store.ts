import { once } from 'node:events';
import { chmod, mkdir, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { adminSocket } from './admin-client.ts';
import { serveAdmin } from './admin-server.ts';
import { expire } from './expire.ts';
import { serveS3 } from './serve-s3.ts';
import { Accounts } from './store/accounts.ts';

const localhost = '127.0.0.1';
const expireEveryMs = 60 * 60 * 1000;
/** For answers under way, when it is to stop. */
const graceMs = 5000;

export interface StoreOptions {
  readonly root: string;
  readonly port: number;
  readonly mediaDomain: string | undefined;
  readonly onFault: (error: unknown) => void;
}

export interface RunStore extends AsyncDisposable {
  /** Resolves when somebody asks it to stop, over its socket. */
  readonly stopAsked: Promise<void>;
}

/**
 * Runs the store of a folder, which no other process may do meanwhile.
 * @throws when one does, when it can't listen or can't read its folder
 */
export const runStore = async ({ root, port, mediaDomain, onFault }: StoreOptions): Promise<RunStore> => {
  await mkdir(root, { recursive: true, mode: 0o700 });
  await using stack = new AsyncDisposableStack();
  const lock = lockFolder(root);
  stack.defer(() => lock.close());
  let admin: Server | undefined;
  // Who watches the store, or has told it to stop, hears of its end once all books are closed.
  stack.defer(() => admin?.closeAllConnections());
  const accounts = stack.use(await Accounts.open(root, onFault));
  const stopping = new AbortController();
  const expiring = expireFromTimeToTime(accounts, onFault, stopping.signal);
  stack.defer(async () => {
    stopping.abort();
    await expiring;
  });
  const objects = serveS3({ accounts, mediaDomain, onFault });
  await listen(objects, { port, host: localhost });
  stack.defer(() => closeServer(objects));
  const { promise: stopAsked, resolve: stop } = Promise.withResolvers<void>();
  admin = serveAdmin({ accounts, port, stop, onFault });
  const path = adminSocket(root);
  await rm(path, { force: true });
  await listen(admin, { path });
  await chmod(path, 0o600);
  stack.defer(() => void admin?.close());
  const owned = stack.move();
  return { stopAsked, [Symbol.asyncDispose]: () => owned.disposeAsync() };
};

/** Held as long as the process lives. A second store would take files that the first is just writing for nobody's. */
const lockFolder = (root: string): DatabaseSync => {
  const lock = new DatabaseSync(join(root, 'lock.sqlite'));
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch {
    lock.close();
    throw new Error(`Another process runs the object store in ${root}.`);
  }
};

const listen = async (server: Server, where: object): Promise<void> => {
  server.listen(where);
  await once(server, 'listening');
};

const closeServer = async (server: Server): Promise<void> => {
  const closed = once(server, 'close');
  server.close();
  await Promise.race([closed, sleep(graceMs, undefined, { ref: false })]);
  server.closeAllConnections();
  await closed;
};

const expireFromTimeToTime = async (
  accounts: Accounts,
  onFault: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await expire(accounts, Date.now()).catch(onFault);
    for (const store of [...accounts.all()]) await store.forgetUnnamed(Date.now()).catch(onFault);
    await sleep(expireEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
};
