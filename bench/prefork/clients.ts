import { connect, type Socket } from 'node:net';

const question = 'GET / HTTP/1.1\r\nHost: bench\r\n\r\n';
const endOfHead = '\r\n\r\n';

/** Clients that each keep one connection, send the next request when the answer is there, and reconnect only when told `Connection: close`. */
export class Clients implements AsyncDisposable {
  answered = 0;
  /** What went wrong, with how often. */
  readonly failures = new Map<string, number>();
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #open = true;

  constructor(port: number, count: number) {
    this.#port = port;
    for (let client = 0; client < count; client++) this.#connect();
  }

  get failed(): number {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
    await Promise.resolve();
  }

  #connect(): void {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    this.#sockets.add(socket);
    let text = '';
    let awaiting = true;
    socket.setEncoding('latin1').write(question);
    socket.on('data', (part: string) => {
      text += part;
      const head = text.indexOf(endOfHead);
      if (head < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
      if (text.length < head + endOfHead.length + length) return;
      if (!text.startsWith('HTTP/1.1 200 ')) this.#fail(text.slice(0, text.indexOf('\r\n')));
      const closes = /\r\nconnection: close/i.test(text);
      this.answered++;
      text = '';
      awaiting = false;
      if (closes || !this.#open) {
        socket.destroy();
        return;
      }
      awaiting = true;
      socket.write(question);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.message));
    socket.on('end', () => {
      if (awaiting) this.#fail('closed without an answer');
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (this.#open) this.#connect();
    });
  }

  #fail(why: string): void {
    if (this.#open) this.failures.set(why, (this.failures.get(why) ?? 0) + 1);
  }
}
