import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { close, listen, routedDyno } from './router.fixture.ts';

/** One end of a connection that a test plays by hand: what came so far, and waiting for more. */
export class Wire {
  readonly socket: Socket;
  /** Everything that came, in latin1. */
  text = '';
  /** How the other side went: `end` by a FIN, `reset` by an abort. */
  readonly gone: Promise<'end' | 'reset'>;
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    const { promise, resolve } = Promise.withResolvers<'end' | 'reset'>();
    this.gone = promise;
    socket.setEncoding('latin1').setNoDelay();
    socket.on('data', (text: string) => {
      this.text += text;
      for (const look of [...this.#waiting]) look();
    });
    const over = (how: 'end' | 'reset') => (): void => {
      resolve(how);
      for (const look of [...this.#waiting]) look();
    };
    socket.on('error', over('reset')).on('end', over('end')).on('close', over('reset'));
  }

  /** Dials a port. */
  static async to(port: number): Promise<Wire> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return new Wire(socket);
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  end(text = ''): void {
    this.socket.end(text, 'latin1');
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /**
   * Resolves with everything that came once it fits.
   * @throws Error when the other side goes first.
   */
  async until(wanted: RegExp): Promise<string> {
    const fits = Promise.withResolvers<void>();
    const look = (): void => {
      if (wanted.test(this.text)) fits.resolve();
    };
    this.#waiting.add(look);
    look();
    const how = await Promise.race([fits.promise, this.gone]);
    this.#waiting.delete(look);
    if (wanted.test(this.text)) return this.text;
    throw new Error(`expected ${wanted}, got ${how} after ${JSON.stringify(this.text.slice(0, 500))}`);
  }
}

/** A dyno whose connections a test plays by hand. */
export class WireDyno {
  readonly wires: Wire[] = [];
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => {
    this.wires.push(new Wire(socket));
    for (const look of [...this.#waiting]) look();
  });
  readonly #waiting = new Set<() => void>();
  readonly #name: string;
  port = 0;

  constructor(name: string) {
    this.#name = name;
  }

  static async start(name = 'web.1'): Promise<WireDyno> {
    const dyno = new WireDyno(name);
    dyno.port = await listen(dyno.#server);
    return dyno;
  }

  get routed() {
    return routedDyno(this.port, this.#name);
  }

  /** The connection of this number, counted from 1, once it is there. */
  wire(number: number): Promise<Wire> {
    return new Promise((resolve) => {
      const look = (): void => {
        const wire = this.wires[number - 1];
        if (!wire) return;
        this.#waiting.delete(look);
        resolve(wire);
      };
      this.#waiting.add(look);
      look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.wires) socket.destroy();
    await close(this.#server);
  }
}
