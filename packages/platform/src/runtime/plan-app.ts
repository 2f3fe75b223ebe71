import type { AppRoute, DesiredApp, DynoRow } from './ports.ts';

/** A place in the formation that shall get a run. */
export interface Slot {
  readonly type: string;
  readonly ordinal: number;
  readonly size: string;
  readonly command: string;
  readonly crashCount: number;
}

/** What to do so that rows come nearer to what is desired. */
export interface Plan {
  readonly create: readonly Slot[];
  /** Crashed runs whose place is taken by an entry of `create`, or that nobody wants any more. */
  readonly forget: readonly DynoRow[];
  /** Runs to drain and stop, after `route` is published. */
  readonly stop: readonly DynoRow[];
  readonly route: AppRoute | undefined;
  /** A web run of the current release that crashed while an older release still serves. */
  readonly held: DynoRow | undefined;
}

type Wanted = Omit<Slot, 'crashCount'>;

const wantedSlots = (app: DesiredApp | undefined): readonly Wanted[] => {
  if (app?.release === undefined) return [];
  return app.formation.flatMap(({ type, quantity, size }) => {
    const command = app.processTypes[type];
    if (command === undefined) return [];
    return Array.from({ length: quantity }, (_, index) => ({ type, size, command, ordinal: index + 1 }));
  });
};

const isLive = (row: DynoRow): boolean => row.state === 'starting' || row.state === 'up';
const sits = (row: DynoRow, slot: Wanted): boolean => row.type === slot.type && row.ordinal === slot.ordinal;

/** Whether the row is the run that its slot wants: of the current release and size, and not retired. */
const isCurrent = (row: DynoRow, slot: Wanted, app: DesiredApp): boolean =>
  sits(row, slot) &&
  row.releaseId === app.release?.id &&
  row.size === slot.size &&
  row.retire === undefined &&
  (isLive(row) || row.state === 'crashed');

/**
 * Decides about one app's formation; pure. Old dynos serve until every new one of their process type has come up or
 * crashed and at least one is up; then traffic moves at once. A restart within a release moves slot by slot.
 */
export const planApp = (app: DesiredApp | undefined, allRows: readonly DynoRow[], nowMs: number): Plan => {
  const rows = allRows.filter((row) => row.kind === 'formation');
  const slots = wantedSlots(app);
  const currentOf = new Map(
    app === undefined ? [] : slots.map((slot) => [slot, rows.find((row) => isCurrent(row, slot, app))] as const),
  );
  const current = new Set([...currentOf.values()].filter((row) => row !== undefined));
  const outgoing = rows.filter((row) => !current.has(row));

  const create: Slot[] = [];
  const forget = outgoing.filter((row) => row.state === 'crashed');
  for (const [slot, row] of currentOf) {
    const stopsFirst = outgoing.some((old) => sits(old, slot) && old.retire === 'stop' && old.state !== 'crashed');
    if (row === undefined && !stopsFirst) create.push({ ...slot, crashCount: 0 });
    if (row?.state === 'crashed' && (row.nextStartAtMs ?? 0) <= nowMs) {
      create.push({ ...slot, crashCount: row.crashCount });
      forget.push(row);
    }
  }

  const hasSwitched = (type: string): boolean => {
    const states = slots.filter((slot) => slot.type === type).map((slot) => currentOf.get(slot)?.state);
    return states.includes('up') && states.every((state) => state === 'up' || state === 'crashed');
  };
  const serving = outgoing.filter((row) => row.state === 'up' && row.releaseId !== app?.release?.id);
  const servingVersion = Math.min(...serving.map((row) => row.releaseVersion));

  const mayStay = (row: DynoRow): boolean => {
    const slot = slots.find((each) => sits(row, each));
    if (slot === undefined || row.state === 'starting' || (row.retire ?? 'restart') !== 'restart') return false;
    const successor = currentOf.get(slot)?.state;
    if (row.releaseId === app?.release?.id || row.type !== 'web') return successor !== 'up';
    return row.releaseVersion === servingVersion && !hasSwitched(row.type);
  };
  const stop = outgoing.filter((row) => isLive(row) && !mayStay(row));
  const held =
    serving.some((row) => row.type === 'web' && !stop.includes(row)) &&
    [...current].find((row) => row.type === 'web' && row.state === 'crashed');
  return {
    create,
    forget,
    stop,
    held: held || undefined,
    route: app && routeOf(app, slots, rows, currentOf, new Set(stop)),
  };
};

const routeOf = (
  app: DesiredApp,
  slots: readonly Wanted[],
  rows: readonly DynoRow[],
  currentOf: ReadonlyMap<Wanted, DynoRow | undefined>,
  stopping: ReadonlySet<DynoRow>,
): AppRoute => {
  const web = slots.filter((slot) => slot.type === 'web');
  if (web.length === 0) return { state: Object.keys(app.processTypes).length === 0 ? 'blank' : 'idle', dynos: [] };
  const up = rows.filter((row) => row.type === 'web' && row.state === 'up' && !stopping.has(row));
  // Two releases never serve side by side.
  const older = up.filter((row) => row.releaseId !== app.release?.id);
  const dynos = (older.length > 0 ? older : up).flatMap(({ id, type, ordinal, host, port }) =>
    host === undefined || port === undefined ? [] : [{ id, name: `${type}.${ordinal}`, host, port }],
  );
  if (dynos.length > 0) return { state: 'up', dynos };
  const crashed = web.every((slot) => currentOf.get(slot)?.state === 'crashed');
  return { state: crashed ? 'crashed' : 'booting', dynos };
};
