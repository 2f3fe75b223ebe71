import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from './instance-file.ts';
import { type Reply, RespClient } from './resp-client.ts';
import { adminUser, customerRule, spareConnections, writeServerFiles } from './server-files.ts';
import { findServers } from './server-process.ts';

const startMs = 30_000;
const lookEveryMs = 20;

/** A connection to the server of an instance by our own user. @throws when it doesn't run. */
export const openAdmin = (instance: Instance): Promise<RespClient> =>
  RespClient.open(instance.port, adminUser, instance.adminPassword);

/** The customers have all connections that there are, ours as well. */
export const isCrowded = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('max number of clients reached');

/** Whether the server of a folder runs: `silent` when it doesn't answer now, `loading` while it reads its data. */
export const serverState = async (
  folder: string,
  instance: Instance,
): Promise<'up' | 'loading' | 'silent' | 'down'> => {
  try {
    using admin = await openAdmin(instance);
    await admin.send('PING');
    return 'up';
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('LOADING')) return 'loading';
    // What is said on its port is worth nothing unless it is the server of this folder that says it.
    if ((await findServers(folder)).length === 0) return 'down';
    return isCrowded(error) ? 'up' : 'silent';
  }
};

/**
 * Starts the server of a folder, detached from this process, and waits until it takes commands.
 * @throws Error with the last line of its log when it ends before.
 */
export const startServer = async (
  program: string,
  folder: string,
  instance: Instance,
  certificate: string | undefined,
  onExit: () => void,
): Promise<void> => {
  const config = await writeServerFiles(folder, instance, certificate);
  const asUser = process.getuid?.() === 0 ? { uid: instance.uid, gid: instance.uid } : {};
  await using said = await open(join(folder, 'start.log'), 'w', 0o600);
  const stdio = ['ignore', said.fd, said.fd] as const;
  const child = spawn(program, [config], { cwd: '/', env: {}, detached: true, stdio: [...stdio], ...asUser });
  let ended = false;
  const end = (): void => {
    ended = true;
    onExit();
  };
  child.on('error', end).on('exit', end).unref();
  const until = performance.now() + startMs;
  for (;;) {
    const state = await serverState(folder, instance);
    if (state === 'up' || state === 'loading') return;
    if (ended || performance.now() > until) throw new Error(`The server did not start: ${await lastLine(folder)}`);
    await sleep(lookEveryMs);
  }
};

const lastLine = async (folder: string): Promise<string> => {
  const logs = [join(folder, 'start.log'), join(folder, 'data', 'server.log')];
  const texts = await Promise.all(logs.map((log) => readFile(log, 'utf8').catch(() => '')));
  return texts.join('').trim().split('\n').at(-1) || 'it wrote nothing to its log';
};

/** Brings a running server to what the instance says now: limits, settings, passwords. */
export const applyInstance = async (instance: Instance): Promise<void> => {
  using admin = await openAdmin(instance);
  await admin.send('CONFIG', 'SET', 'maxmemory', instance.memoryBytes);
  await admin.send('CONFIG', 'SET', 'maxclients', instance.connections + spareConnections);
  await admin.send('CONFIG', 'SET', 'timeout', instance.settings.timeout);
  await admin.send('CONFIG', 'SET', 'maxmemory-policy', instance.settings.maxmemoryPolicy);
  await admin.send('CONFIG', 'SET', 'notify-keyspace-events', instance.settings.notifyKeyspaceEvents);
  await admin.send('ACL', 'SETUSER', 'default', ...customerRule(instance));
};

/** `INFO` as names and values. */
export const serverInfo = async (instance: Instance): Promise<ReadonlyMap<string, string>> => {
  using admin = await openAdmin(instance);
  const text: Reply = await admin.send('INFO');
  return new Map(
    String(text)
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
};

export const resetStatistics = async (instance: Instance): Promise<void> => {
  using admin = await openAdmin(instance);
  await admin.send('CONFIG', 'RESETSTAT');
};
