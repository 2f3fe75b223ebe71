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
}

const wantsOwnSocket = (target: unknown): boolean =>
  typeof target === 'object' && target !== null && ('fd' in target || '_handle' in target || 'handle' in target);

const callbackOf = (args: readonly unknown[]): (() => void) | undefined => {
  const last = args.at(-1);
  return typeof last === 'function' ? (last as () => void) : undefined; // as net.Server documents
};

/**
 * From now on the first server of this process that calls `listen` gets the master's sockets, whatever it asked for;
 * further ones listen where they say.
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
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    if (adopted !== undefined || wantsOwnSocket(args[0])) return Reflect.apply(listen, this, args);
    adopted = this;
    attend(this);
    if (keepAlive !== undefined && isHttpServer(this)) this.keepAliveTimeout = keepAlive * 1_000;
    const callback = callbackOf(args);
    if (callback !== undefined) this.once('listening', callback);
    for (const [index, { fd }] of listeners.entries()) {
      const server = index === 0 ? this : relayTo(this);
      server.once('listening', oneListens).once('error', all.reject);
      Reflect.apply(listen, server, [{ fd, backlog }]);
    }
    return this;
  };
  return {
    get server() {
      return adopted;
    },
    relays,
    listening: all.promise,
  };
};
