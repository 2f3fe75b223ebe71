import type { Socket } from 'node:net';
import { ascii } from './ascii.ts';
import { binary } from './binary.ts';
import { limits } from './limits.data.ts';
import { Output } from './output.ts';
import type { Protocol, Session } from './session.ts';
import type { Login, Tenants } from './tenant.ts';

const binaryRequest = 0x80;
const nothing = Buffer.alloc(0);

/** Half commands of all connections, in bytes. */
export interface Unfinished {
  bytes: number;
}

/** One client: cuts what comes into commands, and reads no further while it doesn't read its answers. */
export class Connection implements Session {
  readonly tenants: Tenants;
  readonly output: Output;
  login: Login | undefined;
  readonly #socket: Socket;
  readonly #unfinished: Unfinished;
  readonly #openedAt = performance.now();
  #protocol: Protocol | undefined;
  #parts: Buffer[] = [];
  #held = 0;
  #needed = 1;
  #skip = 0;
  #closing = false;
  #paused = false;
  #corked = false;
  #movedAt = performance.now();

  constructor(socket: Socket, tenants: Tenants, unfinished: Unfinished) {
    this.#socket = socket;
    this.tenants = tenants;
    this.#unfinished = unfinished;
    this.output = new Output((bytes) => {
      if (this.login !== undefined) this.login.tenant.counters.bytesWritten += bytes.length;
      if (typeof bytes === 'string' && !this.#corked) {
        this.#corked = true;
        socket.cork(); // one system call with what stands around it
      }
      socket.write(bytes, 'latin1');
    });
    socket
      .setNoDelay(true)
      .on('data', (chunk: Buffer) => this.#receive(chunk))
      .on('drain', () => this.#resume())
      .on('error', () => socket.destroy())
      .on('close', () => this.#gone());
  }

  admit(login: Login): boolean {
    const { counters } = login.tenant;
    if (counters.connections >= limits.connectionsOfTenant) return false;
    if (this.login !== undefined) this.login.tenant.counters.connections--;
    this.login = login;
    counters.connections++;
    counters.totalConnections++;
    return true;
  }

  skip(bytes: number): void {
    this.#skip = bytes;
  }

  close = (): void => {
    this.#closing = true;
  };

  /** Ends a connection that hangs, that doesn't say who it is, or whose credential is no more. */
  inspect(now: number): void {
    const waits = this.#paused || this.#held > 0 || this.#skip > 0 || this.#socket.writableLength > 0;
    const lateLogin = this.login === undefined && now - this.#openedAt > limits.loginMs;
    const stalled = waits && now - this.#movedAt > limits.stalledMs;
    const revoked = this.login !== undefined && !this.tenants.holds(this.login);
    if (lateLogin || stalled || revoked) this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#movedAt = performance.now();
    if (this.login !== undefined) this.login.tenant.counters.bytesRead += chunk.length;
    let input = chunk;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, chunk.length);
      this.#skip -= skipped;
      input = chunk.subarray(skipped);
    }
    this.#hold(input);
    if (this.#held >= this.#needed) this.#work();
    else if (this.#unfinished.bytes > limits.unfinishedBytes) this.#socket.destroy();
  }

  #resume(): void {
    this.#movedAt = performance.now();
    if (!this.#paused || this.#closing) return;
    this.#paused = false;
    this.#work();
    if (!this.#paused) this.#socket.resume();
  }

  /** Handles whole commands until there is none, or until answers pile up. */
  #work(): void {
    const input = this.#take();
    let from = 0;
    this.#needed = 1;
    while (from < input.length && !this.#closing) {
      if (this.#socket.writableLength + this.output.waiting > limits.unreadBytes) {
        this.#paused = true;
        this.#socket.pause();
        break;
      }
      this.#protocol ??= input[from] === binaryRequest ? binary : ascii;
      const next = this.#protocol(this, input, from);
      if (next < 0) {
        this.#needed = -next;
        break;
      }
      from = next;
    }
    this.output.flush();
    if (this.#corked) {
      this.#corked = false;
      this.#socket.uncork();
    }
    if (this.#closing) {
      this.#socket.destroySoon();
      return;
    }
    // A copy: the rest of what was read isn't kept for the sake of a few bytes.
    if (from < input.length) this.#hold(from === 0 ? input : Buffer.from(input.subarray(from)));
  }

  #hold(input: Buffer): void {
    if (input.length === 0) return;
    this.#parts.push(input);
    this.#held += input.length;
    this.#unfinished.bytes += input.length;
  }

  #take(): Buffer {
    const [first = nothing] = this.#parts;
    const input = this.#parts.length > 1 ? Buffer.concat(this.#parts) : first;
    this.#forget();
    return input;
  }

  #forget(): void {
    this.#unfinished.bytes -= this.#held;
    this.#parts = [];
    this.#held = 0;
  }

  #gone(): void {
    this.#forget();
    this.#closing = true;
    if (this.login !== undefined) this.login.tenant.counters.connections--;
  }
}
