import { ask } from '../../../api/request.ts';
import type { Dyno } from '../../../api/shapes.ts';

/** How a command came to its end. */
export type RunEnd =
  | { readonly kind: 'exited'; readonly status: number }
  /** The connection ended before the command did. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused'; readonly error: unknown };

interface Size {
  readonly cols: number;
  readonly rows: number;
}

interface RunOptions {
  readonly app: string;
  readonly command: string;
  /** Of the terminal at the beginning. */
  readonly size: Size;
  readonly onDyno: (name: string) => void;
  readonly onBytes: (bytes: Uint8Array) => void;
  readonly onEnd: (end: RunEnd) => void;
}

type AttachedDyno = Dyno & { readonly attach_url: string };

/** A command in a one-off dyno with a terminal here; docs/api.md, "A dyno's terminal". */
export class Attachment {
  readonly #options: RunOptions;
  #socket: WebSocket | undefined;
  #left = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#start().catch((error: unknown) => this.#end({ kind: 'refused', error }));
  }

  type(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#isOpen()) this.#socket?.send(bytes);
  }

  resize({ cols, rows }: Size): void {
    if (this.#isOpen()) this.#socket?.send(JSON.stringify({ columns: cols, rows }));
  }

  /** Hangs up, which ends the dyno; nothing is told from then on. */
  leave(): void {
    this.#left = true;
    this.#socket?.close();
  }

  #isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  async #start(): Promise<void> {
    const { app, command, size, onDyno } = this.#options;
    const env = { TERM: 'xterm-256color', COLUMNS: size.cols, LINES: size.rows };
    const dyno = await ask<AttachedDyno>('POST', `/apps/${app}/dynos`, { attach: true, command, env });
    if (this.#left) {
      await ask('POST', `/apps/${app}/dynos/${dyno.name}/actions/stop`).catch(() => undefined); // it ends by itself later
      return;
    }
    onDyno(dyno.name);
    this.#attach(new URL(dyno.attach_url).pathname.slice(1));
  }

  #attach(secret: string): void {
    const socket = new WebSocket(`${window.location.protocol.replace('http', 'ws')}//${window.location.host}/attach`);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => socket.send(JSON.stringify({ secret })));
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') this.#hear(data);
      else if (!this.#left) this.#options.onBytes(new Uint8Array(data));
    });
    socket.addEventListener('close', ({ reason }) =>
      this.#end(reason === '' ? { kind: 'lost' } : { kind: 'refused', error: new Error(reason) }),
    );
  }

  #hear(text: string): void {
    const { exit_code: status } = JSON.parse(text) as { exit_code?: number }; // the platform's own words
    if (status !== undefined) this.#end({ kind: 'exited', status });
  }

  #end(end: RunEnd): void {
    if (this.#left) return;
    this.#left = true;
    this.#options.onEnd(end);
  }
}
