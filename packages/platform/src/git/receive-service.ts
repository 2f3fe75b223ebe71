import { once } from 'node:events';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { decidePush } from './push-rules.ts';
import { PusherGone, type Pushers } from './pushers.ts';
import type { ReceiveReply, ReceiveRequest } from './receive-protocol.ts';

/** A push that moves a deployed branch; its objects are readable only with `env` until it is accepted. */
export interface Push {
  readonly repoFolder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly context: string;
  readonly branch: string;
  readonly oldSha: string;
  readonly newSha: string;
}

export interface ReceiveServiceOptions {
  /** In a folder that only Ravine may enter; a left-over file is replaced. */
  readonly socketPath: string;
  readonly pushers: Pushers;
  /**
   * What is written to `output` is shown to the pusher. `signal` aborts with {@link PusherGone} when nobody waits for the
   * answer; the ref still moves if it is 'accepted'. It aborts with another reason when the service closes.
   */
  readonly onPush: (push: Push, output: Writable, signal: AbortSignal) => Promise<'accepted' | 'rejected'>;
  /** An `onPush` that threw: the pusher was told only that something went wrong. */
  readonly onError: (error: unknown) => void;
}

const busyMessage = [
  ' !     Another push to this app is being built.',
  ' !     Wait until it has ended, or cancel that build, then push again.',
  '',
].join('\n');

const reply = (socket: Socket, message: ReceiveReply): boolean =>
  socket.writable && socket.write(`${JSON.stringify(message)}\n`);

const outputTo = (socket: Socket): Writable =>
  new Writable({
    decodeStrings: false,
    defaultEncoding: 'utf8',
    write(chunk: Buffer | string, _encoding, done) {
      if (reply(socket, { output: chunk.toString() }) || !socket.writable) done();
      else {
        const go = (): void => {
          socket.off('drain', go).off('close', go);
          done();
        };
        socket.on('drain', go).on('close', go);
      }
    },
  });

const readRequest = async (socket: Socket): Promise<ReceiveRequest | undefined> => {
  for await (const line of createInterface({ input: socket })) {
    // Written by our own hook; the socket is closed to everybody else.
    return JSON.parse(line) as ReceiveRequest;
  }
  return undefined;
};

/** Control's side of the receive hook: one push an app at a time. */
export class ReceiveService implements AsyncDisposable {
  readonly #options: ReceiveServiceOptions;
  readonly #server = createServer((socket) => void this.#serve(socket));
  readonly #sockets = new Set<Socket>();
  readonly #busy = new Set<string>();
  #closing = false;

  constructor(options: ReceiveServiceOptions) {
    this.#options = options;
  }

  async listen(): Promise<void> {
    await mkdir(dirname(this.#options.socketPath), { recursive: true, mode: 0o700 });
    await rm(this.#options.socketPath, { force: true });
    this.#server.listen(this.#options.socketPath);
    await once(this.#server, 'listening');
    await chmod(this.#options.socketPath, 0o600);
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    const gone = new AbortController();
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      gone.abort(this.#closing ? new Error('Ravine stops.') : new PusherGone());
    });
    try {
      const request = await readRequest(socket);
      if (request) reply(socket, { verdict: await this.#decide(request, socket, gone.signal) });
    } catch (error) {
      this.#options.onError(error);
      reply(socket, { output: ' !     Something went wrong in Ravine; its own log says what. Push again.\n' });
      reply(socket, { verdict: 'rejected' });
    } finally {
      socket.end();
    }
  }

  async #decide(request: ReceiveRequest, socket: Socket, signal: AbortSignal): Promise<'accepted' | 'rejected'> {
    const decision = decidePush(request.updates);
    if (decision.kind !== 'build') {
      reply(socket, { output: decision.message });
      return decision.kind === 'skip' ? 'accepted' : 'rejected';
    }
    const { repoFolder, env, context } = request;
    if (this.#busy.has(repoFolder)) {
      reply(socket, { output: busyMessage });
      return 'rejected';
    }
    this.#busy.add(repoFolder);
    try {
      const { branch, oldSha, newSha } = decision;
      const push = { repoFolder, env, context, branch, oldSha, newSha };
      const gone = AbortSignal.any([signal, this.#options.pushers.gone(request.pusher)]);
      return await this.#options.onPush(push, outputTo(socket), gone);
    } finally {
      this.#busy.delete(repoFolder);
    }
  }

  /** Ends every push under way as if Ravine had stopped. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Opens the socket that hooks ask. @throws when the path is too long for a unix socket (107 bytes) or can't be made. */
export const startReceiveService = async (options: ReceiveServiceOptions): Promise<ReceiveService> => {
  const service = new ReceiveService(options);
  await service.listen();
  return service;
};
