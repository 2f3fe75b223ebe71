import { sizeNamed } from '../../contract/dyno-size-rule.ts';
import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { readQuantity } from '../../contract/quantity.ts';
import { formationShape } from '../../contract/shapes/dyno.ts';
import { stableId } from '../../contract/stable-id.ts';
import { defaultDynoSize } from '../../domain/dyno-size.data.ts';
import type { App } from '../../store/apps.ts';
import type { Database } from '../../store/database.ts';
import { type FormationEntry, formation } from '../../store/formation.ts';
import { releases } from '../../store/releases.ts';
import type { ProcessTypes } from '../../store/tables.ts';
import { list, ok } from '../answer.ts';
import { logEvent } from '../app-events.ts';
import { type AppCall, type Endpoint, onApp, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

type Uses = Pick<Services, 'db' | 'runtime' | 'logs'>;

/** How many dynos of a type, of which size, and what they run. */
interface Line extends FormationEntry {
  readonly command: string;
}

export const formationEndpoints = (services: Uses): Endpoint[] => {
  const { db } = services;
  const shape = (app: App) => (line: Line) => formationShape(line, app, line.command);
  return [
    onApp('GET', '/apps/:app/formation', 'view', async (call) =>
      list(call.headers.range, (await linesOf(db, call.app)).map(shape(call.app)), ['type', 'id', 'updated_at']),
    ),
    onApp('GET', '/apps/:app/formation/:type', 'view', async (call) => {
      const line = find(await linesOf(db, call.app), param(call, 'type'));
      return ok(shape(call.app)(line));
    }),
    onApp('PATCH', '/apps/:app/formation', 'operate', async (call) => {
      const updates = new Fields(call.body).array('updates');
      if (updates === undefined)
        throw invalidParams('updates is required: expected an array such as [{"type": "web", "quantity": 1}].');
      return ok(
        (
          await scale(
            services,
            call,
            updates.map((update) => new Fields(update)),
          )
        ).map(shape(call.app)),
      );
    }),
    onApp('PATCH', '/apps/:app/formation/:type', 'operate', async (call) => {
      const update = new Fields({ ...objectOf(call.body), type: param(call, 'type') });
      const [line] = await scale(services, call, [update]);
      if (line === undefined) throw notFound('formation');
      return ok(shape(call.app)(line));
    }),
  ];
};

const objectOf = (body: unknown): object => Object.fromEntries(new Fields(body).entries());

/** One line for each process type of what runs now. */
const linesOf = async (db: Database, app: App): Promise<Line[]> => {
  const release = await releases.current(db, app.id);
  const rows = await formation.ofApp(db, app.id);
  const types: ProcessTypes = release?.processTypes ?? {};
  return Object.entries(types).map(([type, command]) => {
    const row = rows.find((entry) => entry.type === type);
    return { ...(row ?? unscaled(app, type)), command };
  });
};

const unscaled = (app: App, type: string): FormationEntry => ({
  id: stableId('formation', `${app.id}:${type}`),
  appId: app.id,
  type,
  quantity: 0,
  size: defaultDynoSize,
  createdAt: app.createdAt,
  updatedAt: app.updatedAt,
});

const find = (lines: readonly Line[], typeOrId: string): Line => {
  const line = lines.find((entry) => entry.type === typeOrId || entry.id === typeOrId);
  if (line === undefined) throw notFound('formation', `Couldn't find that process type (${typeOrId}).`);
  return line;
};

/** All updates or none: each is checked before the first is made. */
const scale = async (services: Uses, call: AppCall, updates: readonly Fields[]): Promise<Line[]> => {
  const { app, account } = call;
  const changed = await services.db.transaction().execute(async (tx) => {
    const lines = await linesOf(tx, app);
    const wanted = updates.map((update) => read(find(lines, update.requiredText('type')), update));
    const made: Line[] = [];
    for (const line of wanted) {
      made.push({ ...(await formation.set(tx, app.id, line.type, line.quantity, line.size)), command: line.command });
    }
    return made;
  });
  const summary = changed.map((line) => `${line.type}@${line.quantity}:${line.size}`).join(' ');
  if (summary !== '') logEvent(services.logs.sink, app.id, `Scaled to ${summary} by user ${account.email}`);
  services.runtime.nudge(app.id);
  return changed;
};

const read = (line: Line, update: Fields): Line => {
  const quantity = update.has('quantity') ? readQuantity(update.get('quantity'), line.quantity) : line.quantity;
  if (line.type === 'release' && quantity > 0) {
    throw invalidParams('The process type release can not be scaled: it runs by itself before each release.');
  }
  const size = update.reference('size') ?? update.reference('dyno_size');
  return { ...line, quantity, size: size === undefined ? line.size : sizeNamed(size) };
};
