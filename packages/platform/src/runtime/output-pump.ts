import { setTimeout } from 'node:timers/promises';
import { nowUs } from '../domain/log-line.ts';
import type { Driver } from './driver.ts';
import { LineSplitter } from './line-splitter.ts';
import type { DynoRow, RuntimePorts } from './ports.ts';

/** At most this often a dyno's position is stored: it only has to be near, the log itself knows the rest. */
const keepEveryMs = 1000;
/** Enough of a dyno's id to tell it from others of its name in the last part of a log. */
const markIdChars = 8;

/**
 * Reads a dyno's output into its app's log until it has ended. How far it came, always at a line's end, stands in the
 * log as the mark of that line, so that after a kill -9 no line is lost and none comes twice; now and then it is also
 * stored, once the log has the lines for good. `resumed`: an earlier process may have read a part.
 */
export const pumpOutput = async (
  driver: Driver,
  ports: Pick<RuntimePorts, 'rows' | 'logs' | 'onFault'>,
  row: DynoRow,
  { resumed, signal }: { readonly resumed: boolean; readonly signal: AbortSignal },
): Promise<void> => {
  const dyno = `${row.type}.${row.ordinal}`;
  const splitter = new LineSplitter();
  const markOf = (position: string): string => `${row.id.slice(0, markIdChars)}:${position}`;
  const emit = (texts: readonly string[], position?: string): void => {
    const atUs = nowUs();
    const lines = texts.map((text, index) => ({
      atUs,
      source: 'app' as const,
      dyno,
      text,
      ...(position !== undefined && index === texts.length - 1 ? { mark: markOf(position) } : {}),
    }));
    if (lines.length > 0) ports.logs.sink(row.appId, lines);
  };
  const from = resumed ? ((await loggedPosition(ports, row, dyno, markOf(''))) ?? row.outputPosition) : undefined;
  const keeper = new PositionKeeper(driver, ports, row);
  for await (const { bytes, position } of driver.output(row.id, from, signal)) {
    const texts = splitter.push(bytes);
    emit(texts, splitter.pending ? undefined : position);
    if (!splitter.pending) keeper.note(position);
  }
  if (signal.aborted) return;
  emit(splitter.end());
  await keeper.finish();
};

/** Without an answer of the log, lines since the stored position come twice; none is lost. */
const loggedPosition = async (
  ports: Pick<RuntimePorts, 'logs' | 'onFault'>,
  row: DynoRow,
  dyno: string,
  prefix: string,
): Promise<string | undefined> => {
  try {
    return (await ports.logs.lastMark(row.appId, dyno, prefix))?.slice(prefix.length);
  } catch (fault) {
    ports.onFault(fault);
    return undefined;
  }
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
