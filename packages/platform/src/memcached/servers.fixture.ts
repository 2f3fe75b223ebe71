import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemcachedServer } from './server.ts';
import { hashPassword, Tenants } from './tenant.ts';

export const megabyte = 1024 * 1024;

/** What a test's tenants are called, and their users: the id, and `id-reader` who may only read. */
export const tenantSettings = (id: string, quotaBytes: number) => ({
  id,
  quotaBytes,
  credentials: [
    { username: id, passwordHash: hashPassword(`secret-of-${id}`), canWrite: true, canFlush: true },
    { username: `${id}-reader`, passwordHash: hashPassword(`secret-of-${id}`), canWrite: false, canFlush: false },
  ],
});

/** Ours, with one tenant. */
export const startOurs = async (quotaBytes = 64 * megabyte) => {
  const tenants = new Tenants();
  tenants.become([tenantSettings('shop', quotaBytes)]);
  const server = new MemcachedServer(tenants);
  const port = await server.listen('127.0.0.1', 0);
  return { tenants, server, port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** Debian's, with one user for ASCII, or without any for the binary protocol. */
export const startDebianMemcached = async (protocol: 'ascii' | 'binary') => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-memcached-'));
  const users = join(folder, 'users');
  await writeFile(users, 'shop:secret-of-shop\n', { mode: 0o644 });
  const port = await freePort();
  const args = ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '64', '-I', '2m', '-t', '1', '-u', 'root'];
  const child = spawn('/usr/bin/memcached', [...args, ...(protocol === 'ascii' ? ['-Y', users] : ['-B', 'binary'])], {
    stdio: 'ignore',
  });
  const dispose = async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  };
  for (;;) {
    if (child.exitCode !== null) throw new Error(`memcached ended with ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const isUp = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isUp) return { port, [Symbol.asyncDispose]: dispose };
    await sleep(10);
  }
};

/** A connection whose answers are gathered. */
export class Client {
  readonly socket: Socket;
  #answer = Buffer.alloc(0);

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').setNoDelay(true);
    this.socket.on('data', (chunk: Buffer) => {
      this.#answer = Buffer.concat([this.#answer, chunk]);
    });
    this.socket.on('error', () => {});
  }

  send(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** All that has come once it ends in `ending`, or the connection is closed. */
  async until(ending: string | Buffer): Promise<Buffer> {
    const tail = typeof ending === 'string' ? Buffer.from(ending, 'latin1') : ending;
    while (!this.#answer.subarray(-tail.length).equals(tail) && !this.socket.readableEnded && !this.socket.destroyed) {
      const done = new AbortController();
      const { signal } = done;
      await Promise.race([once(this.socket, 'data', { signal }), once(this.socket, 'close', { signal })]).finally(() =>
        done.abort(),
      );
    }
    const answer = this.#answer;
    this.#answer = Buffer.alloc(0);
    return answer;
  }

  async closed(): Promise<Buffer> {
    if (!this.socket.destroyed) await once(this.socket, 'close');
    return this.#answer;
  }
}

export const asciiLogin = (user: string, password: string): string => {
  const value = `${user} ${password}`;
  return `set login 0 0 ${value.length}\r\n${value}\r\n`;
};
