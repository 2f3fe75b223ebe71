import { once } from 'node:events';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

const { request } = process.getBuiltinModule('node:http');

export const adminSocket = (root: string): string => join(root, 'admin.sock');

/** Longer than the removal of a full account takes. */
const answerMs = 60_000;

/** Nobody listens on a store's socket: it doesn't run. */
export class StoreNotRunning extends Error {}

const isAbsence = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ECONNREFUSED');

const ask = async (root: string, method: string, path: string, signal: AbortSignal) => {
  const asking = request({ socketPath: adminSocket(root), method, path, signal, agent: false }).end();
  try {
    const [response] = await once(asking, 'response');
    return { asking, response };
  } catch (error) {
    asking.destroy();
    throw isAbsence(error) ? new StoreNotRunning('The object store is not running.') : error;
  }
};

const told = async (root: string, method: string, path: string): Promise<unknown> => {
  const { response } = await ask(root, method, path, AbortSignal.timeout(answerMs));
  if (response.statusCode === 404) return undefined;
  const body = (await json(response)) as { readonly error?: string }; // what the admin server writes
  if (response.statusCode !== 200) throw new Error(body.error ?? `The object store answered ${response.statusCode}.`);
  return body;
};

/** The store reads an account's file, for the first time or again. @throws StoreNotRunning, or with the reason why it can't */
export const loadAccount = async (root: string, id: string): Promise<void> => {
  await told(root, 'POST', `/accounts/${id}`);
};

/** The store removes an account and all it holds. @throws StoreNotRunning */
export const removeAccount = async (root: string, id: string): Promise<void> => {
  await told(root, 'DELETE', `/accounts/${id}`);
};

/** Undefined when there is no such account. @throws StoreNotRunning */
export const accountUsage = async (root: string, id: string) =>
  (await told(root, 'GET', `/accounts/${id}`)) as { readonly bytes: number; readonly objects: number } | undefined; // as above

/** Ends the store, its answers under way first. @returns whether one ran */
export const stopStore = async (root: string): Promise<boolean> => {
  try {
    const running = await watchStore(root);
    await told(root, 'POST', '/stop');
    await running.ended;
    return true;
  } catch (error) {
    if (error instanceof StoreNotRunning) return false;
    throw error;
  }
};

/** A store that runs. */
export interface RunningStore extends Disposable {
  readonly pid: number;
  readonly port: number;
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>;
}

/** Finds the store of a folder, whoever started it. @throws StoreNotRunning */
export const watchStore = async (root: string): Promise<RunningStore> => {
  const { asking, response } = await ask(root, 'GET', '/', new AbortController().signal);
  asking.setTimeout(0);
  const [first] = await once(response, 'data', { signal: AbortSignal.timeout(answerMs) });
  const { pid, port } = JSON.parse(String(first)) as { pid: number; port: number }; // as above
  const ended = new Promise<void>((resolve) =>
    response
      .once('close', resolve)
      .once('error', () => resolve())
      .resume(),
  );
  return { pid, port, ended, [Symbol.dispose]: () => void asking.destroy() };
};
