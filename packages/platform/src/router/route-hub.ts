import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { DynoId } from '../domain/ids.ts';
import {
  type FromRouter,
  type RouterLine,
  type RouteSnapshot,
  routeSpeech,
  type ToRouter,
} from '../domain/route-snapshot.ts';
import { acceptJson, onTextLines, sendJson } from './json-lines.ts';
import { parseLine } from './line-text.ts';
import { readRoutes, writeRoutes } from './routes-file.ts';

export interface RouteHubOptions {
  /** Path of the unix socket, at most 107 bytes; a socket left over by a killed process is replaced. */
  readonly socketPath: string;
  /** Where the snapshot is kept for workers that start while control is away. */
  readonly routesFile: string;
  /** Takes lines over; when it returns a promise, the worker keeps them until that resolves. */
  readonly onLines: (lines: readonly RouterLine[]) => void | Promise<void>;
  /**
   * Told once of each worker that runs code which speaks otherwise: it gets no snapshot, and serves the routes that it
   * has until somebody replaces it.
   */
  readonly onForeign?: (pid: number, speaks: number) => void;
  /** How long `publish` waits for a worker that doesn't answer. Default 5,000. */
  readonly appliedTimeoutMs?: number;
}

interface Worker {
  readonly socket: Socket;
  version: number;
  /** Whether it has said hello in our speech. */
  understands: boolean;
  /** Dynos that no snapshot names any more and that still carry its requests. */
  busy: ReadonlySet<DynoId>;
  /** Those of a batch that isn't whole. */
  lines: RouterLine[];
}

/** Control's end of the route socket: hands snapshots to router workers and takes their lines. */
export class RouteHub implements AsyncDisposable {
  readonly #options: RouteHubOptions;
  readonly #server: Server;
  readonly #workers = new Set<Worker>();
  readonly #waiting = new Set<() => void>();
  readonly #foreign = new Set<number>();
  #snapshot: RouteSnapshot | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: RouteHubOptions, server: Server, snapshot: RouteSnapshot | undefined) {
    this.#options = options;
    this.#server = server;
    this.#snapshot = snapshot;
    server.on('connection', (socket) => this.#greet(socket));
  }

  static async open(options: RouteHubOptions): Promise<RouteHub> {
    const server = createServer();
    const hub = new RouteHub(options, server, await readRoutes(options.routesFile));
    await rm(options.socketPath, { force: true });
    server.listen(options.socketPath);
    await once(server, 'listening');
    await chmod(options.socketPath, 0o600);
    return hub;
  }

  /** How many workers are there. */
  get connected(): number {
    return this.#workers.size;
  }

  /** The last published snapshot, also of an earlier process. */
  get snapshot(): RouteSnapshot | undefined {
    return this.#snapshot;
  }

  /**
   * Puts a snapshot in force. Resolves when it is on disk and every connected worker has applied it or has had its
   * time; a snapshot that a later one overtook counts as applied with that one.
   */
  async publish(snapshot: RouteSnapshot): Promise<void> {
    this.#snapshot = snapshot;
    for (const worker of this.#workers) this.#tellRoutes(worker);
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(async () => {
        if (this.#snapshot === snapshot) await writeRoutes(this.#options.routesFile, snapshot);
      });
    const asked = [...this.#workers];
    const applied = this.#until(
      () => asked.every((worker) => !this.#workers.has(worker) || worker.version >= snapshot.version),
      this.#options.appliedTimeoutMs ?? 5_000,
    );
    await Promise.all([this.#writing, applied]);
  }

  /** Resolves when no connected worker sends the dyno requests or waits for an answer of it, or after `timeoutMs`. */
  async untilFree(id: DynoId, timeoutMs: number): Promise<void> {
    const version = this.#snapshot?.version ?? 0;
    await this.#until(
      () => [...this.#workers].every((worker) => worker.version >= version && !worker.busy.has(id)),
      timeoutMs,
    );
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const { socket } of this.#workers) socket.destroy();
    await closed;
    await this.#writing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #tell(socket: Socket, message: ToRouter): void {
    sendJson(socket, message);
  }

  #tellRoutes({ socket, understands }: Worker): void {
    const snapshot = this.#snapshot;
    if (snapshot && understands) this.#tell(socket, { type: 'snapshot', speaks: routeSpeech, snapshot });
  }

  #greet(socket: Socket): void {
    // Version -1: until its first answer nothing is known of what it carries.
    const worker: Worker = { socket, version: -1, understands: false, busy: new Set(), lines: [] };
    this.#workers.add(worker);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#workers.delete(worker);
      this.#look();
    });
    onTextLines(socket, 'latin1', (text) => {
      if (text.startsWith('{')) return acceptJson<FromRouter>(text, (message) => this.#receive(worker, message));
      const line = parseLine(text);
      if (line) worker.lines.push(line);
      return line !== undefined;
    });
  }

  #hearHello(worker: Worker, pid: number, speaks: number): void {
    if (speaks === routeSpeech) {
      worker.understands = true;
      if (this.#snapshot) this.#tellRoutes(worker);
      else worker.version = 0;
      return;
    }
    // It comes back when its connection is lost.
    if (this.#foreign.has(pid)) return;
    this.#foreign.add(pid);
    this.#options.onForeign?.(pid, speaks);
  }

  #receive(worker: Worker, message: FromRouter): void {
    switch (message.type) {
      case 'hello':
        this.#hearHello(worker, message.pid, message.speaks ?? 1);
        break;
      case 'applied':
        worker.version = message.version;
        worker.busy = new Set(message.busy);
        this.#look();
        break;
      case 'lines':
        this.#takeLines(worker, message);
        break;
    }
  }

  #takeLines(worker: Worker, { batch, lines: count }: { readonly batch: number; readonly lines: number }): void {
    const { lines } = worker;
    worker.lines = [];
    if (lines.length !== count) {
      worker.socket.destroy();
      return;
    }
    const take = async (): Promise<void> => this.#options.onLines(lines);
    take().then(
      () => this.#tell(worker.socket, { type: 'kept', batch }),
      // The worker comes back and sends them again.
      () => worker.socket.destroy(),
    );
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }

  #until(holds: () => boolean, timeoutMs: number): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = (): void => {
        if (holds()) done();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.add(look);
    });
  }
}
