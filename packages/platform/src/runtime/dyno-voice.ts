import { errorLine } from '../domain/log-codes.data.ts';
import { type LogSink, nowUs } from '../domain/log-line.ts';
import { sizeNamed } from './dyno-env.ts';
import type { DynoRow } from './ports.ts';

const mb = 1024 * 1024;

/** Says in an app's log what becomes of a dyno, in the words of the Dev Center's "Error Codes". */
export class DynoVoice {
  readonly #sink: LogSink;
  readonly #row: Pick<DynoRow, 'appId' | 'type' | 'ordinal' | 'size'>;

  constructor(sink: LogSink, row: Pick<DynoRow, 'appId' | 'type' | 'ordinal' | 'size'>) {
    this.#sink = sink;
    this.#row = row;
  }

  say(text: string): void {
    const { appId, type, ordinal } = this.#row;
    this.#sink(appId, [{ atUs: nowUs(), source: 'heroku', dyno: `${type}.${ordinal}`, text }]);
  }

  bootTimeout(limitMs: number): void {
    const seconds = Math.round(limitMs / 1000);
    this.say(`${errorLine('R10')} -> Web process failed to bind to $PORT within ${seconds} seconds of launch`);
    this.say('Stopping process with SIGKILL');
  }

  exitTimeout(limitMs: number): void {
    const seconds = Math.round(limitMs / 1000);
    this.say(`${errorLine('R12')} -> At least one process failed to exit within ${seconds} seconds of SIGTERM`);
    this.say('Stopping process with SIGKILL');
  }

  /** Silent while the dyno keeps to its size. */
  noteMemory(bytes: number): void {
    if (bytes <= this.#quotaBytes) return;
    this.#running(bytes);
    this.say(errorLine('R14'));
  }

  vastlyExceeded(): void {
    this.#running(this.#quotaBytes * 2);
    this.say(errorLine('R15'));
    this.say('Stopping process with SIGKILL');
  }

  get #quotaBytes(): number {
    return sizeNamed(this.#row.size).memoryBytes;
  }

  #running(bytes: number): void {
    const share = ((bytes / this.#quotaBytes) * 100).toFixed(1);
    this.say(`Process running mem=${Math.round(bytes / mb)}M(${share}%)`);
  }
}
