import { readFileSync } from 'node:fs';
import type { Settings } from '../settings/read-settings.ts';
import { sibling } from '../sibling.ts';
import type { WorkerOrders } from '../worker/orders.ts';
import { type GroupPlan, startsAtOnce } from '../worker-group.ts';

interface Account {
  readonly uid: number;
  readonly gid: number;
}

const rowsOf = (file: string): string[][] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));

const isNumber = (text: string): boolean => /^\d+$/.test(text);

/** @throws Error for a name that /etc/passwd and /etc/group don't have. */
export const readAccount = (user: string | undefined, group: string | undefined): Partial<Account> => {
  const passwd =
    user === undefined ? undefined : rowsOf('/etc/passwd').find((row) => row[isNumber(user) ? 2 : 0] === user);
  if (user !== undefined && passwd === undefined && !isNumber(user)) {
    throw new Error(`user: expected the name or number of a user of this machine, got "${user}"`);
  }
  const groupRow =
    group === undefined || isNumber(group) ? undefined : rowsOf('/etc/group').find((row) => row[0] === group);
  if (group !== undefined && !isNumber(group) && groupRow === undefined) {
    throw new Error(`group: expected the name or number of a group of this machine, got "${group}"`);
  }
  const uid = user === undefined ? undefined : Number(passwd?.[2] ?? user);
  const gid = group === undefined ? (passwd?.[3] ?? (user !== undefined ? user : undefined)) : (groupRow?.[2] ?? group);
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid: Number(gid) }) };
};

/** What the group of workers is to run under these settings. */
export const planWorkers = (
  settings: Settings,
  fds: readonly number[],
  app: string,
  configFile: string | undefined,
): GroupPlan => {
  const orders: WorkerOrders = { app, configFile, settings };
  return {
    name: settings.procName ?? app,
    workers: settings.workers,
    exclusive: false,
    startsAtOnce: startsAtOnce(),
    gracefulTimeoutMs: settings.gracefulTimeout * 1_000,
    command: {
      script: sibling('../worker/main', import.meta.url),
      args: [],
      nodeArgs: ['--disable-sigusr1', ...settings.nodeArgs],
      env: { ...settings.rawEnv, PREFORK_ORDERS: JSON.stringify(orders) },
      fds,
      watchTimeoutMs: settings.timeout * 1_000,
      stopsByMessage: true,
      ...readAccount(settings.user, settings.group),
    },
  };
};
