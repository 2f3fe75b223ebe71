import { Agent, get } from 'node:http';
import { until } from './prefork.fixture.ts';

/** Clients that ask again and again over kept connections. */
export class Load implements AsyncDisposable {
  answered = 0;
  readonly failures: string[] = [];
  /** Bodies that came, with how often. */
  readonly bodies = new Map<string, number>();
  readonly #agent: Agent;
  readonly #clients: Promise<unknown>;
  #loading = true;

  constructor(port: number, { clients = 8, path = '/' } = {}) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: clients });
    const one = async (): Promise<void> => {
      while (this.#loading) {
        try {
          const body = await this.#ask(port, path);
          this.answered++;
          this.bodies.set(body, (this.bodies.get(body) ?? 0) + 1);
        } catch (error) {
          this.failures.push(error instanceof Error && 'code' in error ? String(error.code) : String(error));
        }
      }
    };
    this.#clients = Promise.all(Array.from({ length: clients }, one));
  }

  /** Waits for this many more answers. */
  async more(count: number): Promise<void> {
    const target = this.answered + count;
    await until(() => this.answered >= target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#loading = false;
    await this.#clients;
    this.#agent.destroy();
  }

  #ask(port: number, path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, agent: this.#agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () =>
          response.statusCode === 200 ? resolve(body) : reject(new Error(`status ${response.statusCode}`)),
        );
        response.on('error', reject);
      }).on('error', reject);
    });
  }
}
