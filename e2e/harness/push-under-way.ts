import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface Pushed {
  readonly status: number | null;
  /** What git printed, the remote's lines included. */
  readonly output: string;
}

/** A `git push` that leads a process group of its own. */
export class PushUnderWay {
  /** Resolves when git has ended, whatever its status. */
  readonly ended: Promise<Pushed>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #output = '';

  constructor(child: ChildProcessByStdio<null, Readable, Readable>, onOutput: (soFar: string) => void) {
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#output += chunk.toString();
      onOutput(this.#output);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // The event's first argument.
    this.ended = once(child, 'close').then(([status]) => ({ status: status as number | null, output: this.#output }));
  }

  /** @throws Error when git ends without having printed it. */
  async prints(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#output)) {
      const { exitCode, signalCode, stderr } = this.#child;
      if (exitCode !== null || signalCode !== null) throw new Error(`expected ${pattern}, git said:\n${this.#output}`);
      await Promise.race([once(stderr, 'data'), this.ended]);
    }
  }

  /** Ctrl-C: reaches git and what it runs alike. */
  async interrupt(): Promise<void> {
    process.kill(-(this.#child.pid ?? 0), 'SIGINT');
    await this.ended;
  }
}
