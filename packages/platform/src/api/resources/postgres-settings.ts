import { invalidParams } from '../../contract/platform-error.ts';
import { ok } from '../answer.ts';
import type { Endpoint } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { assertLeads, onDatabase } from '../postgres-database.ts';
import type { Services } from '../services.ts';

interface PostgresSetting {
  readonly default: string | number | boolean;
  /** What each value means; of settings that are numbers there is none. */
  readonly values: Readonly<Record<string, string>>;
}

const onOff = (on: string, off: string) => ({ true: on, false: off });
const levels = (what: string) =>
  Object.fromEntries(
    ['error', 'log', 'fatal', 'panic'].map((level) => [level, `${what} ${level} or worse are logged.`]),
  );

/** Those of `heroku pg:settings` that PostgreSQL itself has. */
const settings: Readonly<Record<string, PostgresSetting>> = {
  log_connections: { default: false, values: onOff('Logins are logged.', 'Logins are not logged.') },
  log_lock_waits: {
    default: false,
    values: onOff('Waits for a lock of more than a second are logged.', 'Waits for locks are not logged.'),
  },
  log_min_duration_statement: { default: -1, values: {} },
  log_min_error_statement: { default: 'error', values: levels('Statements that cause an') },
  log_statement: {
    default: 'none',
    values: {
      none: 'No statements are logged.',
      ddl: 'Statements that define things, such as CREATE and ALTER, are logged.',
      mod: 'Statements that define or change things are logged.',
      all: 'All statements are logged.',
    },
  },
  track_functions: {
    default: 'none',
    values: {
      none: 'Calls of functions are not counted.',
      pl: 'Calls of functions in procedural languages are counted.',
      all: 'Calls of all functions are counted.',
    },
  },
};

/** The part of Heroku's data API behind `heroku pg:settings`; what is set holds for connections made afterwards. */
export const postgresSettingEndpoints = ({ db, databases }: Pick<Services, 'db' | 'databases'>): Endpoint[] => {
  const path = '/postgres/v0/databases/:database/config';
  return [
    onDatabase(db, 'GET', path, 'view', async (_call, addOn) => ok(view(await databases.settings(addOn)))),
    onDatabase(db, 'PATCH', path, 'operate', async (call, addOn) => {
      await assertLeads(databases, addOn);
      const wanted = new Fields(call.body).entries().map(([name, value]) => [name, checked(name, value)] as const);
      for (const [name, value] of wanted) await databases.change(addOn, name, value);
      return ok(view(await databases.settings(addOn)));
    }),
  ];
};

const view = (set: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [
      name,
      { value: set[name] === undefined ? setting.default : typed(set[name], setting), values: setting.values },
    ]),
  );

const typed = (text: string, setting: PostgresSetting): string | number | boolean => {
  if (typeof setting.default === 'boolean') return text === 'on' || text === 'true';
  return typeof setting.default === 'number' ? Number(text) : text;
};

const checked = (name: string, value: unknown): string => {
  const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (setting === undefined) {
    throw invalidParams(`${name}: expected one of ${Object.keys(settings).join(', ')}; others can't be set here.`);
  }
  const isKnown =
    typeof value === typeof setting.default &&
    (typeof value === 'number' ? Number.isInteger(value) && value >= -1 : Object.hasOwn(setting.values, String(value)));
  if (isKnown) return String(value);
  const expected =
    typeof setting.default === 'number'
      ? 'a whole number of milliseconds, or -1'
      : Object.keys(setting.values).join(', ');
  throw invalidParams(`${name}: expected ${expected}; got ${JSON.stringify(value)}.`);
};
