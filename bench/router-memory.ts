import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { startMaster } from '@ravine/prefork';
import { openAuthority } from '../packages/platform/src/certs/authority.ts';
import type { AppId, DynoId } from '../packages/platform/src/domain/ids.ts';
import type { RouteSnapshot } from '../packages/platform/src/domain/route-snapshot.ts';
import { RouteHub } from '../packages/platform/src/router/route-hub.ts';
import type { Result, Row } from './result.ts';

const idleClients = 10_000;
const secureClients = 2_000;
const webSockets = 2_000;
const slowClients = 1_000;
/** Goals: what a connection may cost while nothing happens on it, and the whole worker whatever its clients do. */
const goals = { idleKb: 8, secureKb: 40, webSocketKb: 16, slowMb: 256, leftMb: 200 } as const;
const dialledAtOnce = 200;
const settleMs = 3_000;
const slowSeconds = 15;
const answerBytes = 20 * 1024 * 1024;
const script = join(import.meta.dirname, '..', 'packages', 'platform', 'src', 'processes', 'router-worker.ts');

/**
 * A dyno in this process: answers GET at once with 20 MB under /large, with a switch of protocols under /chat and else
 * with two bytes, and takes bodies without end.
 */
const startDyno = async () => {
  const body = Buffer.alloc(1024 * 1024, 'x');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (text.startsWith('GET /large ')) {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${answerBytes}\r\n\r\n`);
        for (let sent = 0; sent < answerBytes; sent += body.length) socket.write(body);
      } else if (text.startsWith('GET /chat ')) {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      } else if (text.startsWith('GET ')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('expected the dyno to listen on a port');
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

/** One router worker under a master, as `ravine up` starts it, in front of so many dynos on one port that none is full. */
const startRouter = async (dynoPort: number) => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-router-memory-'));
  const id = 'app-1' as AppId; // a fixed name does here what a UUID does elsewhere
  const dynos = Array.from({ length: 10 }, (_, i) => ({
    id: `dyno-${i}` as DynoId, // as above
    name: `web.${i + 1}`,
    host: '127.0.0.1',
    port: dynoPort,
  }));
  const snapshot: RouteSnapshot = {
    version: 1,
    apps: { [id]: { id, name: 'shop', state: 'up', maintenance: false, dynos } },
    hosts: { 'shop.test': id },
    certificates: { 'shop.test': await (await openAuthority(folder)).certificateFor(['shop.test']) },
  };
  const [socketPath, routesFile] = [join(folder, 'router.sock'), join(folder, 'routes.json')];
  await writeFile(routesFile, JSON.stringify(snapshot));
  const hub = await RouteHub.open({ socketPath, routesFile, onLines: () => Promise.resolve() });
  const env = { RAVINE_ROUTER_SOCKET: socketPath, RAVINE_ROUTES_FILE: routesFile };
  const listen = { host: '127.0.0.1', port: 0 };
  const master = await startMaster({
    log: (line) => console.error(line),
    groups: [{ name: 'router', script, workers: 1, listen, env }],
  });
  if (!(await master.started)) throw new Error('expected a router worker to start, but it ended');
  const [worker] = master.workers();
  const address = master.addresses.get('router');
  if (!worker || !address) throw new Error('expected one router worker with a port');
  return {
    port: address.port,
    pid: worker.pid,
    [Symbol.asyncDispose]: async () => {
      await master.stop();
      await hub.close();
      await rm(folder, { recursive: true });
    },
  };
};

const residentMb = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
};

const dialPlain = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

const dialSecurely = async (port: number): Promise<Socket> => {
  const names = { servername: 'shop.test', ALPNProtocols: ['http/1.1'], rejectUnauthorized: false };
  const socket = connectTls({ port, host: '127.0.0.1', ...names }).on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
};

const dial = async (
  port: number,
  count: number,
  then: (socket: Socket, number: number) => Promise<unknown>,
  dialOne = dialPlain,
) => {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(dialledAtOnce, count - sockets.length) }, async (_, i) => {
      const socket = await dialOne(port);
      await then(socket, sockets.length + i);
      return socket;
    });
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
};

const hangUp = async (sockets: readonly Socket[]): Promise<void> => {
  for (const socket of sockets) socket.destroy();
  await sleep(settleMs);
};

const head = (line: string, more = ''): string => `${line} HTTP/1.1\r\nHost: shop.test\r\n${more}\r\n`;

const askOnce = async (socket: Socket): Promise<void> => {
  socket.write(head('GET /'));
  await once(socket, 'data');
};

const upgrade = async (socket: Socket): Promise<void> => {
  const key = randomBytes(16).toString('base64');
  const fields = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`;
  socket.write(head('GET /chat', fields));
  await once(socket, 'data');
};

/** A third each: reads nothing of 20 MB, uploads a byte a second, sends a head a byte a second. */
const beSlow = (socket: Socket, number: number): Promise<unknown> => {
  const drip = (byte: string): void => {
    const timer = setInterval(() => socket.write(byte), 1_000);
    socket.on('close', () => clearInterval(timer));
  };
  if (number % 3 === 0) {
    socket.pause();
    socket.write(head('GET /large'));
  } else if (number % 3 === 1) {
    socket.write(head('POST /upload', 'Content-Length: 1000000\r\n'));
    drip('x');
  } else {
    socket.write('GET / HTTP/1.1\r\nHost: shop.test\r\nX: ');
    drip('v');
  }
  return Promise.resolve();
};

/** Memory of one router worker while many clients are idle or slow. */
export const routerMemory = async (): Promise<Result> => {
  await using dyno = await startDyno();
  await using router = await startRouter(dyno.port);
  await hangUp(await dial(router.port, 100, askOnce));
  const startMb = await residentMb(router.pid);

  const silent = await dial(router.port, idleClients, () => Promise.resolve());
  await sleep(settleMs);
  const silentMb = await residentMb(router.pid);
  await hangUp(silent);

  const idle = await dial(router.port, idleClients, askOnce);
  await sleep(settleMs);
  const idleMb = await residentMb(router.pid);
  await sleep(settleMs * 2);
  const idleLaterMb = await residentMb(router.pid);
  await hangUp(idle);
  const afterIdleMb = await residentMb(router.pid);

  const secure = await dial(router.port, secureClients, askOnce, dialSecurely);
  await sleep(settleMs);
  const secureMb = await residentMb(router.pid);
  await hangUp(secure);
  const afterSecureMb = await residentMb(router.pid);

  const tunnels = await dial(router.port, webSockets, upgrade);
  await sleep(settleMs);
  const tunnelsMb = await residentMb(router.pid);
  await hangUp(tunnels);
  const afterTunnelsMb = await residentMb(router.pid);

  const slow = await dial(router.port, slowClients, beSlow);
  await sleep(settleMs);
  const slowMb = await residentMb(router.pid);
  await sleep(slowSeconds * 1_000);
  const slowLaterMb = await residentMb(router.pid);
  const alive = slow.filter((socket) => !socket.destroyed).length;
  await hangUp(slow);
  const endMb = await residentMb(router.pid);

  const row = (what: string, value: number, unit = 'MB', goal?: number): Row => ({
    what,
    value,
    unit,
    ...(goal !== undefined && { goal }),
  });
  const each = (fromMb: number, toMb: number, count: number): number => ((toMb - fromMb) * 1024) / count;
  return {
    rows: [
      row('at the start, after 100 requests', startMb),
      row(`${idleClients} connections that say nothing`, silentMb),
      row(`${idleClients} kept connections after a request each`, idleMb),
      row('the same, later', idleLaterMb),
      row('for each of them', each(startMb, idleMb, idleClients), 'KB', goals.idleKb),
      row('after they have gone', afterIdleMb),
      row(`${secureClients} kept connections over TLS after a request each`, secureMb),
      row('for each of them', each(afterIdleMb, secureMb, secureClients), 'KB', goals.secureKb),
      row(`${webSockets} WebSockets that say nothing`, tunnelsMb),
      row('for each of them', each(afterSecureMb, tunnelsMb, webSockets), 'KB', goals.webSocketKb),
      row(`${slowClients} slow clients`, slowMb, 'MB', goals.slowMb),
      row(`the same, ${slowSeconds} s later`, slowLaterMb, 'MB', goals.slowMb),
      row('of them not cut yet (a head has 30 s)', alive, ''),
      row('at the end', endMb, 'MB', goals.leftMb),
    ],
    values: {
      start_mb: startMb,
      silent_mb: silentMb,
      idle_mb: idleMb,
      idle_later_mb: idleLaterMb,
      idle_kb_each: each(startMb, idleMb, idleClients),
      secure_kb_each: each(afterIdleMb, secureMb, secureClients),
      web_socket_kb_each: each(afterSecureMb, tunnelsMb, webSockets),
      after_web_sockets_mb: afterTunnelsMb,
      slow_mb: slowMb,
      slow_later_mb: slowLaterMb,
      end_mb: endMb,
    },
    method: `Resident memory of one router worker. A third each of the slow clients reads nothing of a 20 MB answer, uploads a byte a second, and sends its head a byte a second.`,
  };
};
