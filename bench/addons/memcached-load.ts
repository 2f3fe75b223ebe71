import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Traffic {
  readonly command: 'get' | 'set';
  readonly valueBytes: number;
  /** Commands that a connection sends before it waits for their answers. */
  readonly batch: number;
}

const connections = 32;
const keys = 1_000;

/** Connections that ask as fast as they are answered; answers are counted by their bytes, which are known. */
export class MemcachedLoad implements AsyncDisposable {
  readonly #sockets: Socket[] = [];
  readonly #traffic: Traffic;
  readonly #requests: readonly Buffer[];
  readonly #answerBytes: number;

  private constructor(traffic: Traffic) {
    this.#traffic = traffic;
    const value = 'v'.repeat(traffic.valueBytes);
    const key = (index: number): string => `key-${String(index % keys).padStart(6, '0')}`;
    const set = (index: number): string => `set ${key(index)} 0 0 ${value.length}\r\n${value}\r\n`;
    const commands = Array.from({ length: traffic.command === 'get' ? keys : 100 }, (_, index) =>
      traffic.command === 'get' ? `get ${key(index)}\r\n` : set(index),
    );
    this.#requests = commands.map((_, index) =>
      Buffer.from(
        Array.from({ length: traffic.batch }, (_, next) => commands[(index + next) % commands.length]).join(''),
      ),
    );
    const hit = `VALUE ${key(0)} 0 ${value.length}\r\n${value}\r\nEND\r\n`;
    this.#answerBytes = (traffic.command === 'get' ? hit : 'STORED\r\n').length * traffic.batch;
  }

  /** Logs all connections in, and stores what is to be got. */
  static async open(port: number, user: string, password: string, traffic: Traffic): Promise<MemcachedLoad> {
    const load = new MemcachedLoad(traffic);
    const login = `${user} ${password}`;
    for (let index = 0; index < connections; index++) {
      const socket = connect(port, '127.0.0.1').setNoDelay(true);
      socket.write(`set login 0 0 ${login.length}\r\n${login}\r\n`);
      const [answer] = await once(socket, 'data');
      if (String(answer) !== 'STORED\r\n') throw new Error(`the server refused the login: ${String(answer)}`);
      load.#sockets.push(socket);
    }
    const [first] = load.#sockets;
    if (traffic.command === 'get' && first !== undefined) await load.#fill(first);
    return load;
  }

  /** @returns how many commands were answered in that time. */
  async run(ms: number): Promise<number> {
    const until = performance.now() + ms;
    const counts = await Promise.all(this.#sockets.map((socket, index) => this.#ask(socket, index * 31, until)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
  }

  #ask(socket: Socket, first: number, until: number): Promise<number> {
    return new Promise((resolve, reject) => {
      let [at, batches, missing] = [first, 0, this.#answerBytes];
      const send = () => socket.write(this.#requests[at++ % this.#requests.length] ?? '');
      const read = (chunk: Buffer): void => {
        missing -= chunk.length;
        if (missing > 0) return;
        if (missing < 0) {
          reject(new Error(`an answer is longer than a hit: ${chunk.toString('latin1', 0, 100)}`));
          return;
        }
        batches++;
        missing = this.#answerBytes;
        if (performance.now() < until) {
          send();
          return;
        }
        socket.off('data', read).off('error', reject);
        resolve(batches * this.#traffic.batch);
      };
      socket.on('data', read).on('error', reject);
      send();
    });
  }

  async #fill(socket: Socket): Promise<void> {
    const value = 'v'.repeat(this.#traffic.valueBytes);
    for (let index = 0; index < keys; index++) {
      socket.write(`set key-${String(index).padStart(6, '0')} 0 0 ${value.length}\r\n${value}\r\n`);
      await once(socket, 'data');
    }
  }
}
