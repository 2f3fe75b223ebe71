import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { DynoId } from '../domain/ids.ts';
import { changesBetween, noChanges } from '../domain/route-changes.ts';
import {
  type FromRouter,
  type RouteChanges,
  type RouterLine,
  type RouteSnapshot,
  routeSpeech,
  type ToRouter,
} from '../domain/route-snapshot.ts';
import { acceptJson, onTextLines, sendJson, sendText } from './json-lines.ts';
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
  /** Version of the routes that it was sent last, or came with; what is different from them suffices. */
  sent: number;
  /** Whether it has said hello in our speech. */
  understands: boolean;
  /** Dynos that no snapshot names any more and that still carry its requests. */
  busy: ReadonlySet<DynoId>;
  /** Those of a batch that isn't whole. */
  lines: RouterLine[];
}

const changesText = (changes: RouteChanges): string =>
  JSON.stringify({ type: 'changes', speaks: routeSpeech, changes } satisfies ToRouter);

/** Control's end of the route socket: hands snapshots to router workers and takes their lines. */
export class RouteHub implements AsyncDisposable {
  readonly #options: RouteHubOptions;
  readonly #server: Server;
  readonly #workers = new Set<Worker>();
  readonly #waiting = new Set<() => void>();
  readonly #foreign = new Set<number>();
  #snapshot: RouteSnapshot | undefined;
  /** The same in JSON, once somebody has needed it. */
  #text: string | undefined;
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
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    this.#text = undefined;
    this.#tellChanges(before, snapshot);
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(async () => {
        if (this.#snapshot === snapshot) await writeRoutes(this.#options.routesFile, this.#textOf(snapshot));
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

  /** What has changed goes to those who have had what it changed, the whole to the others. */
  #tellChanges(before: RouteSnapshot | undefined, snapshot: RouteSnapshot): void {
    let text: string | undefined;
    for (const worker of this.#workers) {
      if (!worker.understands) continue;
      if (!before || worker.sent !== before.version) {
        this.#tellWhole(worker, snapshot);
        continue;
      }
      text ??= changesText(changesBetween(before, snapshot));
      worker.sent = snapshot.version;
      sendText(worker.socket, text);
    }
  }

  #tellWhole(worker: Worker, snapshot: RouteSnapshot): void {
    worker.sent = snapshot.version;
    sendText(worker.socket, `{"type":"snapshot","speaks":${routeSpeech},"snapshot":${this.#textOf(snapshot)}}`);
  }

  #textOf(snapshot: RouteSnapshot): string {
    if (snapshot !== this.#snapshot) return JSON.stringify(snapshot);
    this.#text ??= JSON.stringify(snapshot);
    return this.#text;
  }

  #greet(socket: Socket): void {
    // Version -1: until its first answer nothing is known of what it carries.
    const worker: Worker = { socket, version: -1, sent: -1, understands: false, busy: new Set(), lines: [] };
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

  #hearHello(worker: Worker, pid: number, speaks: number, version: number): void {
    if (speaks === routeSpeech) {
      worker.understands = true;
      this.#greetRoutes(worker, version);
      return;
    }
    // It comes back when its connection is lost.
    if (this.#foreign.has(pid)) return;
    this.#foreign.add(pid);
    this.#options.onForeign?.(pid, speaks);
  }

  /**
   * A worker that has the routes in force keeps them. One that has later ones heard them of a control that was killed
   * before they were on disk: it keeps them too, until the next ones.
   */
  #greetRoutes(worker: Worker, version: number): void {
    const snapshot = this.#snapshot;
    if (!snapshot) worker.version = 0;
    else if (version < snapshot.version) this.#tellWhole(worker, snapshot);
    else {
      worker.sent = version;
      sendText(worker.socket, changesText(noChanges(version)));
    }
  }

  #receive(worker: Worker, message: FromRouter): void {
    switch (message.type) {
      case 'hello':
        this.#hearHello(worker, message.pid, message.speaks ?? 1, message.version);
        break;
      case 'missed':
        if (this.#snapshot) this.#tellWhole(worker, this.#snapshot);
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
