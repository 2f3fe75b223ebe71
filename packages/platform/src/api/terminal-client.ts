import type { SessionClient } from '../run-sessions/session-client.ts';
import { type TerminalSize, terminalSize } from '../run-sessions/session-terminal.ts';
import { closeCodes } from '../wire/websocket/frames.ts';
import type { WebSocketStream } from '../wire/websocket/web-socket-stream.ts';

/**
 * A terminal at a WebSocket: bytes of the dyno are binary messages, and JSON in text goes beside them. First comes
 * `{"secret"}`, then `{"columns", "rows"}` at each other size; the last that it is told is `{"exit_code"}`.
 */
export class TerminalClient implements SessionClient {
  readonly connection: WebSocketStream;
  readonly resizes = { onResize: (listener: (size: TerminalSize) => void): void => this.#listen(listener) };
  readonly #onSecret: (secret: string) => void;
  #attached = false;
  #size: TerminalSize | undefined;
  #listener: (size: TerminalSize) => void = () => {};

  constructor(open: (onText: (text: string) => void) => WebSocketStream, onSecret: (secret: string) => void) {
    this.#onSecret = onSecret;
    this.connection = open((text) => this.#take(text));
  }

  async greet(): Promise<void> {}

  tellExit(exitCode: number): Promise<void> {
    return this.connection.sendText(JSON.stringify({ exit_code: exitCode }));
  }

  /** Ends it with the reason why. */
  refuse(reason: string): void {
    this.connection.resume();
    this.connection.close(closeCodes.policy, reason);
  }

  #listen(listener: (size: TerminalSize) => void): void {
    this.#listener = listener;
    if (this.#size !== undefined) listener(this.#size);
  }

  #take(text: string): void {
    const { secret, columns, rows } = fieldsOf(text);
    if (!this.#attached) {
      this.#attached = true;
      if (typeof secret === 'string') this.#onSecret(secret);
      else this.refuse('Expected {"secret"} as the first message.');
      return;
    }
    const size = terminalSize(columns, rows);
    if (size === undefined) return;
    this.#size = size;
    this.#listener(size);
  }
}

const fieldsOf = (text: string): { readonly [name: string]: unknown } => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
};
