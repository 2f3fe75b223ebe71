import { createServer, Server } from 'node:net';
import type { Listener } from '../inherited.ts';
import type { Settings } from '../settings/read-settings.ts';
import { isHttpServer } from './requests.ts';

/** The server that serves on the master's sockets, once there is one. */
export interface Adopted {
  readonly server: Server | undefined;
  /** Servers on the second and further sockets, which hand their connections to `server`. */
  readonly relays: readonly Server[];
  /** Resolves when `server` and all relays accept. */
  readonly listening: Promise<void>;
  /** The module is loaded: it waits for nothing any more. */
  loaded(): void;
  /**
   * What called `listen` until now is let go on.
   * @param exported is what its module exports, if it exports an app.
   * @param make makes a server of that, unless the app has called `listen` on its own.
   * @returns false when the module waited for another server to listen before it exported the app: that one has the sockets.
   */
  settle(exported: unknown, make: () => Promise<Server>): Promise<boolean>;
}

/** A call of `listen` that waits until the app is loaded. */
interface Early {
  readonly server: Server;
  readonly args: readonly unknown[];
}

const wantsOwnSocket = (target: unknown): boolean =>
  typeof target === 'object' && target !== null && ('fd' in target || '_handle' in target || 'handle' in target);

const callbackOf = (args: readonly unknown[]): (() => void) | undefined => {
  const last = args.at(-1);
  return typeof last === 'function' ? (last as () => void) : undefined; // as net.Server documents
};

/** Whether a server is the exported one, or was made of the exported request handler. */
const isOf = (server: Server, exported: unknown): boolean =>
  server === exported ||
  (typeof exported === 'object' && exported !== null && 'server' in exported && exported.server === server) ||
  server.listeners('request').some((listener) => listener === exported);

/**
 * From now on one server of this process gets the master's sockets, whatever it asked for when it called `listen`: that of
 * the app which the module exports, else the first one that listens. Others listen where they say.
 *
 * @param attend is called with that server before it accepts.
 */
export const adoptListen = (
  listeners: readonly Listener[],
  { backlog, keepAlive }: Pick<Settings, 'backlog' | 'keepAlive'>,
  attend: (server: Server) => void,
): Adopted => {
  const listen = Server.prototype.listen;
  const relays: Server[] = [];
  const all = Promise.withResolvers<void>();
  let early: Early[] | undefined = [];
  let isLoading = true;
  let adopted: Server | undefined;
  let waitingFor = listeners.length;
  const oneListens = (): void => {
    waitingFor--;
    if (waitingFor === 0) all.resolve();
  };
  const relayTo = (server: Server): Server => {
    const relay = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      server.emit('connection', socket);
    });
    relays.push(relay);
    return relay;
  };
  const adopt = (server: Server, args: readonly unknown[]): void => {
    adopted = server;
    attend(server);
    if (keepAlive !== undefined && isHttpServer(server)) server.keepAliveTimeout = keepAlive * 1_000;
    const callback = callbackOf(args);
    if (callback !== undefined) server.once('listening', callback);
    for (const [index, { fd }] of listeners.entries()) {
      const each = index === 0 ? server : relayTo(server);
      each.once('listening', oneListens).once('error', all.reject);
      Reflect.apply(listen, each, [{ fd, backlog }]);
    }
  };
  const letGo = ({ server, args }: Early): void => {
    if (adopted === undefined) adopt(server, args);
    else Reflect.apply(listen, server, args);
  };
  /** A module that waits for its own server to listen is never loaded unless it does. */
  const letGoIfAwaited = (call: Early): void => {
    const isAwaited = callbackOf(call.args) !== undefined || call.server.listenerCount('listening') > 0;
    if (!isLoading || !isAwaited || early === undefined) return;
    early = early.filter((other) => other !== call);
    letGo(call);
  };
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    if (wantsOwnSocket(args[0])) return Reflect.apply(listen, this, args);
    const call = { server: this, args };
    if (early === undefined) letGo(call);
    else {
      early.push(call);
      // Modules that don't wait for anything are loaded by then.
      setImmediate(() => setImmediate(letGoIfAwaited, call));
    }
    return this;
  };
  const settle = async (exported: unknown, make: () => Promise<Server>): Promise<boolean> => {
    const awaited = adopted;
    if (exported !== undefined && adopted === undefined) {
      const own = early?.find(({ server }) => isOf(server, exported));
      adopt(own?.server ?? (await make()), own?.args ?? []);
    }
    const waiting = early ?? [];
    early = undefined;
    for (const call of waiting) if (call.server !== adopted) letGo(call);
    return exported === undefined || awaited === undefined || isOf(awaited, exported);
  };
  return {
    get server() {
      return adopted;
    },
    relays,
    listening: all.promise,
    loaded: () => {
      isLoading = false;
    },
    settle,
  };
};
