import { setTimeout } from 'node:timers/promises';
import { nowUs } from '../domain/log-line.ts';
import type { Driver } from './driver.ts';
import { LineSplitter } from './line-splitter.ts';
import type { DynoRow, RuntimePorts } from './ports.ts';

/** At most this often a dyno's position is stored; after a kill -9, lines of this time may be read twice. */
const keepEveryMs = 200;

/**
 * Reads a dyno's output into its app's log until it has ended, and stores how far it came, always at a line's end
 * and only after the log has the lines for good.
 */
export const pumpOutput = async (
  driver: Driver,
  ports: Pick<RuntimePorts, 'rows' | 'logs' | 'onFault'>,
  row: DynoRow,
  signal: AbortSignal,
): Promise<void> => {
  const dyno = `${row.type}.${row.ordinal}`;
  const splitter = new LineSplitter();
  const emit = (texts: readonly string[]): void => {
    const atUs = nowUs();
    const lines = texts.map((text) => ({ atUs, source: 'app' as const, dyno, text }));
    if (lines.length > 0) ports.logs.sink(row.appId, lines);
  };
  const keeper = new PositionKeeper(driver, ports, row);
  for await (const { bytes, position } of driver.output(row.id, row.outputPosition, signal)) {
    emit(splitter.push(bytes));
    if (!splitter.pending) keeper.note(position);
  }
  if (signal.aborted) return;
  emit(splitter.end());
  await keeper.finish();
};

class PositionKeeper {
  readonly #driver: Driver;
  readonly #ports: Pick<RuntimePorts, 'rows' | 'logs' | 'onFault'>;
  readonly #row: DynoRow;
  readonly #finishing = new AbortController();
  #latest: string | undefined;
  #work: Promise<void> | undefined;

  constructor(driver: Driver, ports: Pick<RuntimePorts, 'rows' | 'logs' | 'onFault'>, row: DynoRow) {
    this.#driver = driver;
    this.#ports = ports;
    this.#row = row;
  }

  note(position: string): void {
    this.#latest = position;
    this.#work ??= this.#keep().finally(() => {
      this.#work = undefined;
      if (this.#latest !== undefined) this.note(this.#latest);
    });
  }

  /** Keeps the latest position without further delay. */
  async finish(): Promise<void> {
    this.#finishing.abort();
    while (this.#work !== undefined) await this.#work;
  }

  async #keep(): Promise<void> {
    const position = this.#latest;
    this.#latest = undefined;
    if (position === undefined) return;
    try {
      await this.#ports.logs.settled();
      await this.#ports.rows.keepPosition(this.#row.id, position);
      await this.#driver.releaseOutput(this.#row.id, position);
    } catch (fault) {
      // A later position takes its place; until then, the output is only read again after a restart.
      this.#ports.onFault(fault);
    }
    const { signal } = this.#finishing;
    await setTimeout(keepEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
