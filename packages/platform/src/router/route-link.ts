import { connect, type Socket } from 'node:net';
import {
  type FromRouter,
  type RouteChanges,
  type RouterLine,
  type RouteSnapshot,
  routeSpeech,
  type ToRouter,
} from '../domain/route-snapshot.ts';
import { acceptJson, onTextLines, sendJson } from './json-lines.ts';
import { LineOutbox } from './line-outbox.ts';
import type { RouteTable } from './route-table.ts';

export interface RouteLinkOptions {
  readonly socketPath: string;
  readonly table: RouteTable;
  /** Gets a line when router lines had to be dropped, and when control runs other code. */
  readonly log: (text: string) => void;
  readonly outbox?: LineOutbox;
}

const firstPauseMs = 50;
const longestPauseMs = 1_000;
/** Lines wait this long for company. */
const batchMs = 20;
/** How long `close` waits for the last lines to be taken. */
const farewellMs = 1_000;

/** A worker's end of the route socket: takes snapshots, hands over lines, and comes back when control has been away. */
export class RouteLink {
  readonly #options: RouteLinkOptions;
  readonly #outbox: LineOutbox;
  #socket: Socket | undefined;
  #pauseMs = firstPauseMs;
  #flushing: NodeJS.Timeout | undefined;
  #reconnecting: NodeJS.Timeout | undefined;
  #closed = false;
  #heardForeign = false;
  /** Whether the whole of the routes is on its way. */
  #asked = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: RouteLinkOptions) {
    this.#options = options;
    this.#outbox = options.outbox ?? new LineOutbox();
    options.table.onFreed = () => this.#sendApplied();
    this.#connect();
  }

  /** Never blocks; the line is on its way within 50 ms when control is there. */
  send(line: RouterLine): void {
    if (this.#outbox.add(line)) this.#flush();
    this.#flushing ??= setTimeout(() => {
      this.#flushing = undefined;
      this.#flush();
    }, batchMs);
  }

  /** Hands over the last lines if control is there to take them. */
  async close(): Promise<void> {
    clearTimeout(this.#flushing);
    if (this.#socket && !this.#outbox.isEmpty) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onEmpty = resolve;
      const timer = setTimeout(resolve, farewellMs);
      this.#flush();
      await promise;
      clearTimeout(timer);
    }
    this.#closed = true;
    clearTimeout(this.#flushing);
    clearTimeout(this.#reconnecting);
    this.#socket?.destroy();
  }

  #say(message: FromRouter): void {
    if (this.#socket) sendJson(this.#socket, message);
  }

  #connect(): void {
    const { socketPath, table } = this.#options;
    const socket = connect(socketPath);
    socket.on('connect', () => {
      this.#socket = socket;
      this.#pauseMs = firstPauseMs;
      this.#asked = false;
      this.#say({ type: 'hello', speaks: routeSpeech, pid: process.pid, version: table.version });
      this.#flush();
    });
    onTextLines(socket, 'utf8', (line) => acceptJson<ToRouter>(line, (message) => this.#receive(message)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#socket = undefined;
      this.#outbox.reset();
      if (this.#closed) return;
      this.#reconnecting = setTimeout(() => this.#connect(), this.#pauseMs);
      this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
    });
  }

  #receive(message: ToRouter): void {
    switch (message.type) {
      case 'snapshot':
        if (this.#understands(message.speaks ?? 1)) this.#takeRoutes(message.snapshot);
        break;
      case 'changes':
        if (this.#understands(message.speaks ?? 1)) this.#takeChanges(message.changes);
        break;
      case 'kept':
        this.#outbox.confirm(message.batch);
        if (this.#outbox.isEmpty) this.#onEmpty?.();
        else this.#flush();
        break;
    }
  }

  #understands(speaks: number): boolean {
    const understands = speaks === routeSpeech;
    if (!understands && !this.#heardForeign) {
      this.#options.log(
        `expected control to send routes in form ${routeSpeech}, got form ${speaks}: it runs other code than this worker, which keeps the routes that it has; restart \`ravine up\``,
      );
    }
    this.#heardForeign = !understands;
    return understands;
  }

  #takeRoutes(snapshot: RouteSnapshot): void {
    this.#asked = false;
    this.#options.table.apply(snapshot);
    this.#sendApplied();
  }

  #takeChanges(changes: RouteChanges): void {
    const { table } = this.#options;
    if (changes.from === table.version) {
      table.change(changes);
      this.#sendApplied();
    } else if (!this.#asked) {
      this.#asked = true;
      this.#say({ type: 'missed', version: table.version });
    }
  }

  #sendApplied(): void {
    const { table } = this.#options;
    this.#say({ type: 'applied', version: table.version, busy: table.busy() });
  }

  #flush(): void {
    if (!this.#socket) return;
    const batch = this.#outbox.take();
    if (batch) {
      this.#socket.write(batch.bytes);
      this.#say({ type: 'lines', batch: batch.batch, lines: batch.lines });
    }
    const dropped = this.#outbox.takeDropped();
    if (dropped > 0) {
      this.#options.log(
        `${dropped} router log lines were dropped, the oldest, since control could not take them in time`,
      );
    }
  }
}
