import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { AppId, DynoId } from '../domain/ids.ts';
import type { Driver, DynoStatus } from './driver.ts';
import { DynoLife, type LifeContext } from './dyno-life.ts';
import { DynoVoice } from './dyno-voice.ts';
import { type Plan, planApp, type Slot } from './plan-app.ts';
import type { AppRoute, DesiredApp, DynoRow, DynoSample, RuntimePorts } from './ports.ts';
import { herokuTimings, type RuntimeTimings } from './runtime-timings.ts';

/** One app's passes run one after another, apps side by side. */
interface Lane {
  running: boolean;
  again: boolean;
}

const isOurs = (row: DynoRow): boolean => !row.attached && row.kind !== 'release';
const hasProcess = (row: DynoRow): boolean =>
  row.state === 'starting' || row.state === 'up' || row.state === 'stopping';

const isWanted = (app: DesiredApp | undefined, row: DynoRow): boolean =>
  app?.processTypes[row.type] !== undefined &&
  app.formation.some(({ type, quantity }) => type === row.type && row.ordinal <= quantity);

/**
 * The loop that makes what runs equal to what is desired, and the only thing that starts and stops dynos.
 * Driven by levels: each pass looks at everything of an app again, so that a missed event costs time, never truth.
 */
export class Reconciler implements AsyncDisposable {
  readonly #driver: Driver;
  readonly #ports: RuntimePorts;
  readonly #timings: RuntimeTimings;
  readonly #context: LifeContext;
  readonly #lives = new Map<DynoId, DynoLife>();
  readonly #heldReleases = new Set<DynoRow['releaseId']>();
  readonly #ended = new Set<DynoId>();
  readonly #lanes = new Map<AppId, Lane>();
  readonly #published = new Map<AppId, AppRoute>();
  readonly #work = new Set<Promise<void>>();
  readonly #stopListening: () => void;
  #timers: NodeJS.Timeout[] = [];
  #closed = false;

  constructor(driver: Driver, ports: RuntimePorts, timings: Partial<RuntimeTimings> = {}) {
    this.#driver = driver;
    this.#ports = ports;
    this.#timings = { ...herokuTimings, ...timings };
    this.#context = {
      driver,
      ports,
      timings: this.#timings,
      nudge: (appId) => this.onChange(appId),
      end: (life, status) => this.#end(life, status),
    };
    this.#stopListening = driver.onExit((id) => this.onChange(this.#lives.get(id)?.row.appId));
  }

  /** Adopts what runs, then keeps looking. */
  async start(): Promise<void> {
    this.#timers = [
      setInterval(() => this.onChange(), this.#timings.passMs),
      setInterval(() => this.#track(this.#noteUsage()), this.#timings.memoryMs),
    ];
    await this.#passAll().catch((fault: unknown) => this.#ports.onFault(fault));
  }

  /** Something desired has changed, of this app or of any; wakes the loop at once. */
  onChange(appId?: AppId): void {
    if (this.#closed) return;
    this.#track(appId === undefined ? this.#passAll() : this.#pass(appId));
  }

  /** Ends the loop; dynos run on. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopListening();
    for (const life of this.#lives.values()) life.release();
    await Promise.all([...this.#work, ...[...this.#lives.values()].map((life) => life.settled())]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((fault: unknown) => this.#ports.onFault(fault))
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  async #passAll(): Promise<void> {
    // In this order: a row is made before its process, so a process without a row now never had one.
    const askedAtMs = performance.now();
    const statuses = await this.#driver.list();
    const rows = await this.#ports.rows.list();
    const apps = await this.#ports.desired.apps();
    await this.#removeStrays(statuses, rows);
    const rowsOf = Map.groupBy(rows.filter(isOurs), (row) => row.appId);
    const appOf = new Map(apps.map((app) => [app.id, app]));
    const statusOf = new Map(statuses.map((status) => [status.id, status]));
    const ids = new Set([...appOf.keys(), ...rowsOf.keys(), ...this.#published.keys()]);
    const seen = { askedAtMs, statusOf };
    const busy = [...ids].filter((id) => !this.#isQuiet(id, appOf.get(id), rowsOf.get(id) ?? [], seen));
    await Promise.all(busy.map((id) => this.#pass(id)));
  }

  /** Whether a pass over the app would find nothing to do. */
  #isQuiet(
    appId: AppId,
    app: DesiredApp | undefined,
    rows: readonly DynoRow[],
    { askedAtMs, statusOf }: { readonly askedAtMs: number; readonly statusOf: ReadonlyMap<DynoId, DynoStatus> },
  ): boolean {
    const followed = (row: DynoRow): boolean => {
      if (!hasProcess(row)) return true;
      const [life, status] = [this.#lives.get(row.id), statusOf.get(row.id)];
      if (status === undefined) return life?.wasRunningAt(askedAtMs) === false;
      return life !== undefined && status.state.kind === 'running';
    };
    if (!rows.every(followed) || rows.some((row) => row.retire !== undefined)) return false;
    const { create, forget, stop, route } = planApp(app, this.#asHere(rows), Date.now());
    const still = create.length + forget.length + stop.length === 0;
    return still && app !== undefined && isDeepStrictEqual(route, this.#published.get(appId));
  }

  /** Rows as they will be once the store has what this process has begun. */
  #asHere(rows: readonly DynoRow[]): readonly DynoRow[] {
    return rows.map((row) => (this.#lives.get(row.id)?.stopping === true ? { ...row, state: 'stopping' } : row));
  }

  async #pass(appId: AppId): Promise<void> {
    const lane = this.#lanes.get(appId) ?? { running: false, again: false };
    this.#lanes.set(appId, lane);
    if (lane.running) {
      lane.again = true;
      return;
    }
    lane.running = true;
    try {
      do {
        lane.again = false;
        await this.#reconcile(appId);
      } while (lane.again && !this.#closed);
    } finally {
      lane.running = false;
      if (!this.#published.has(appId)) this.#lanes.delete(appId);
    }
  }

  async #reconcile(appId: AppId): Promise<void> {
    const askedAtMs = performance.now();
    const statuses = new Map((await this.#driver.list()).map((status) => [status.id, status]));
    const [app, allRows] = await Promise.all([this.#ports.desired.app(appId), this.#ports.rows.list(appId)]);
    if (this.#closed) return;
    const rows = allRows.filter(isOurs);
    for (const row of rows) this.#observe(row, statuses.get(row.id), askedAtMs);
    for (const row of rows.filter((each) => each.kind === 'run')) this.#keepOneOff(row, app);
    const plan = planApp(app, this.#asHere(rows), Date.now());
    await this.#carryOut(appId, app, plan);
  }

  /** Makes sure that each row with a process has a life here, and that the end of a process is noticed. */
  #observe(row: DynoRow, status: DynoStatus | undefined, askedAtMs: number): void {
    if (!hasProcess(row) || this.#ended.has(row.id)) return;
    let life = this.#lives.get(row.id);
    if (life === undefined) {
      life = new DynoLife(this.#context, row);
      this.#lives.set(row.id, life);
      if (status !== undefined) life.adopt(status);
      else if (row.state === 'starting') life.begin();
      else this.#end(life, undefined);
      if (row.state === 'stopping' && status?.state.kind === 'running') life.resumeStop();
    }
    const vanished = status === undefined && life.wasRunningAt(askedAtMs);
    if (status?.state.kind === 'exited' || vanished) this.#end(life, status);
  }

  #end(life: DynoLife, status: DynoStatus | undefined): void {
    const { id, appId } = life.row;
    this.#track(
      life.farewell(status).then(() => {
        // A row read before its end was written must not get another life.
        this.#ended.add(id);
        this.#lives.delete(id);
        this.onChange(appId);
      }),
    );
  }

  #keepOneOff(row: DynoRow, app: DesiredApp | undefined): void {
    const life = this.#lives.get(row.id);
    if (life !== undefined && !life.stopping && (app === undefined || row.retire !== undefined)) {
      life.stop({ drains: false, replaced: false });
    }
  }

  async #carryOut(appId: AppId, app: DesiredApp | undefined, plan: Plan): Promise<void> {
    if (plan.held !== undefined) this.#sayHeld(plan.held);
    for (const row of plan.forget) await this.#ports.rows.delete(row.id);
    if (app !== undefined) for (const slot of plan.create) await this.#create(app, slot);
    await this.#publish(appId, plan.route);
    for (const row of plan.stop) {
      this.#lives.get(row.id)?.stop({ drains: row.type === 'web', replaced: isWanted(app, row) });
    }
  }

  /** Once for each release. */
  #sayHeld(row: DynoRow): void {
    if (this.#heldReleases.has(row.releaseId)) return;
    this.#heldReleases.add(row.releaseId);
    new DynoVoice(this.#ports.logs.sink, row).say(
      `Release v${row.releaseVersion} has not come up; the dynos of the release before keep serving until it does`,
    );
  }

  async #create(app: DesiredApp, slot: Slot): Promise<void> {
    if (app.release === undefined) return;
    // Cast: this is where a dyno gets its id.
    const id = randomUUID() as DynoId;
    const { type, ordinal, size, command, crashCount } = slot;
    const row: DynoRow = {
      id,
      appId: app.id,
      releaseId: app.release.id,
      releaseVersion: app.release.version,
      kind: 'formation',
      type,
      ordinal,
      size,
      command,
      state: 'starting',
      attached: false,
      crashCount,
    };
    await this.#ports.rows.insert(row);
    if (crashCount > 0) new DynoVoice(this.#ports.logs.sink, row).say('State changed from crashed to starting');
    const life = new DynoLife(this.#context, row);
    this.#lives.set(id, life);
    life.begin();
  }

  async #publish(appId: AppId, route: AppRoute | undefined): Promise<void> {
    if (isDeepStrictEqual(this.#published.get(appId), route)) return;
    await this.#ports.routes.publish(appId, route);
    if (route === undefined) this.#published.delete(appId);
    else this.#published.set(appId, route);
  }

  async #removeStrays(statuses: readonly DynoStatus[], rows: readonly DynoRow[]): Promise<void> {
    const known = new Set(rows.map((row) => row.id));
    for (const id of this.#ended) if (!known.has(id)) this.#ended.delete(id);
    for (const { id, state } of statuses) {
      if (known.has(id) || this.#lives.has(id)) continue;
      if (state.kind === 'running') await this.#driver.kill(id, 'SIGKILL');
      else await this.#driver.remove(id);
    }
  }

  async #noteUsage(): Promise<void> {
    const seen: DynoSample[] = [];
    for (const [id, { memoryBytes, cpuMs }] of await this.#driver.usage()) {
      const life = this.#lives.get(id);
      if (life === undefined) continue;
      life.noteMemory(memoryBytes);
      const { appId, type, ordinal, size } = life.row;
      seen.push({ id, appId, name: `${type}.${ordinal}`, size, memoryBytes, cpuMs });
    }
    this.#ports.onUsage?.(seen);
  }
}
