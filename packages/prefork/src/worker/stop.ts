import { Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { onStop } from '../inherited.ts';
import type { Hooks } from '../settings/hooks.ts';
import type { Adopted } from './adopt-listen.ts';
import type { Observer } from './observer.ts';
import { isHttpServer, type Requests } from './requests.ts';

interface Parts {
  readonly adopted: Adopted;
  readonly requests: Requests;
  readonly observers: readonly Observer[];
  readonly hooks: Hooks;
  readonly gracefulTimeoutMs: number;
  /** Of an app that can be closed. */
  readonly closeApp: () => Promise<unknown> | undefined;
}

/** Node waits this much longer than it tells clients before it closes an idle connection; so do we, and a little more. */
const idleMarginMs = 1_500;
/**
 * Behind proxies, connections are kept for minutes: longer than a stop may take. One that has been idle for so long is
 * closed as its server would close it any time, and proxies are made for that.
 */
const longestIdleMs = 10_000;
const lookAgainMs = 250;
/** The master kills at the graceful timeout; what is left ends this much earlier by itself. */
const endEarlierMs = 500;
/** For closing the app, and for handlers of SIGTERM that it has, after its last request. */
const appCleanUpMs = 1_000;

/** How long a stop leaves idle connections to clients that may be about to use them; at most half of the time that there is. */
export const idleLimitMs = (keepAliveMs: number, gracefulTimeoutMs: number): number =>
  Math.min(keepAliveMs + idleMarginMs, longestIdleMs, gracefulTimeoutMs / 2);

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    // Not http.Server's own close, which cuts idle connections in which a request may be on its way.
    Reflect.apply(Server.prototype.close, server, [() => resolve()]);
  });

/** Resolves when no connection is left; each answer closes its own, idle ones are closed when hardly a client counts on them any more. */
const drain = async ({ adopted, requests, gracefulTimeoutMs }: Parts): Promise<void> => {
  const { server, relays } = adopted;
  if (server === undefined) return;
  requests.closeConnections();
  const all = [server, ...relays].map(closed);
  if (isHttpServer(server)) {
    const idleMs = idleLimitMs(server.keepAliveTimeout, gracefulTimeoutMs);
    const timer = setTimeout(() => setInterval(() => server.closeIdleConnections(), lookAgainMs), idleMs);
    timer.unref();
  }
  for (const session of requests.sessions) session.close();
  await Promise.all(all);
};

/** What the app would do at SIGTERM, once nobody is served any more; usually it closes what it has open and exits. */
const runHandlersOfApp = async (own: readonly unknown[]): Promise<void> => {
  const others = process.listeners('SIGTERM').filter((listener) => !own.includes(listener));
  for (const listener of others) Reflect.apply(listener, process, ['SIGTERM', 15]);
  if (others.length > 0) await delay(appCleanUpMs);
};

/** Prepares the end of this worker, before the app is loaded; returns what begins it. */
export const stopWhenTold = (parts: Parts): (() => void) => {
  const { observers, hooks, gracefulTimeoutMs, closeApp } = parts;
  const finish = async (): Promise<void> => {
    await Promise.allSettled(observers.map(async (observer) => observer.close?.()));
    await hooks.workerExit?.();
  };
  const stop = onStop(async () => {
    const limit = delay(Math.max(0, gracefulTimeoutMs - endEarlierMs));
    await hooks.workerInt?.();
    await Promise.race([drain(parts), limit]);
    await finish();
    await Promise.race([closeApp(), delay(appCleanUpMs)]);
    await runHandlersOfApp(own);
  });
  const own = process.listeners('SIGTERM');
  process.once('SIGQUIT', () => void finish().finally(() => process.exit(0)));
  return stop;
};
