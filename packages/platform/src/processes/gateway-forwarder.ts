/**
 * Main of a process that makes add-ons which listen on localhost reachable from containers: `DATA_FOLDER GATEWAY PORT...`.
 * Detached, so that nobody's connection is cut when control is restarted; it ends by itself when nothing listens there
 * any more.
 */
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { forwardPort } from '../wire/forward-port.ts';
import { listeningPorts } from '../wire/listening-ports.ts';

const localhost = '127.0.0.1';
const lookEveryMs = 5000;
/** Longer than a database takes to be started again. */
const mostMisses = 24;
/** Debian's and most others' `nobody`. */
const nobody = 65_534;

const [, host = '', ...ports] = process.argv.slice(2);
const misses = new Map<number, number>();
const servers = new Map<number, Server>();
for (const port of ports.map(Number)) {
  try {
    servers.set(port, await forwardPort({ host, port, to: localhost }));
  } catch {
    // Somebody listens there already: another of us, or the add-on itself.
  }
}
if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}
while (servers.size > 0) {
  await sleep(lookEveryMs);
  const listening = await listeningPorts();
  for (const [port, server] of servers) {
    const missed = listening.has(`${localhost}:${port}`) ? 0 : (misses.get(port) ?? 0) + 1;
    misses.set(port, missed);
    if (missed < mostMisses) continue;
    server.close();
    servers.delete(port);
  }
}
