import { randomInt, randomUUID } from 'node:crypto';
import { sizeNamed } from '../contract/dyno-size-rule.ts';
import { invalidParams } from '../contract/platform-error.ts';
import { dynoEnvContext } from '../contract/seal-contexts.ts';
import { defaultDynoSize } from '../domain/dyno-size.data.ts';
import type { DynoId } from '../domain/ids.ts';
import { parseExitStatusRequest } from '../run-sessions/exit-status.ts';
import { requestedTerminal } from '../run-sessions/session-terminal.ts';
import { hashToken, newToken } from '../secrets/token.ts';
import { type Dyno, dynos } from '../store/dynos.ts';
import { releases } from '../store/releases.ts';
import type { ProcessTypes } from '../store/tables.ts';
import type { AppCall } from './endpoint.ts';
import { Fields } from './fields.ts';
import type { Services } from './services.ts';

type Uses = Pick<Services, 'db' | 'keyring' | 'runtime' | 'runSessions' | 'now'>;

/** One-off dynos of one app at a time; Dev Center "One-Off Dynos", Limits. */
const maxOneOffs = 50;
const maxCommandLength = 50_000;

/** What POST dynos asks for. */
interface Wanted {
  readonly attach: boolean;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly forceNoTty: boolean;
  readonly size: string;
  readonly type: string;
}

/** Makes a one-off dyno; a detached one is started by the reconciler, an attached one when its client dials in. */
export const runOneOff = async (services: Uses, call: AppCall): Promise<{ dyno: Dyno; attachUrl: string | null }> => {
  const { db } = services;
  const again = call.requestKey === null ? undefined : await dynos.byRequestKey(db, call.requestKey);
  const wanted = read(call.body);
  const dyno = again ?? (await insert(services, call, wanted));
  if (!dyno.attached) {
    services.runtime.nudge(call.app.id);
    return { dyno, attachUrl: null };
  }
  const secret = newToken('');
  const secretHash = hashToken(secret);
  await dynos.update(db, dyno.id, { attachSecretHash: secretHash });
  services.runSessions.open({
    dynoId: dyno.id,
    secretHash,
    terminal: dyno.terminal ?? undefined,
    wantsStatus: parseExitStatusRequest(dyno.command).wantsStatus,
    createdAtMs: services.now().getTime(),
  });
  return { dyno, attachUrl: rendezvousUrl(call.base, secret) };
};

const insert = async (services: Uses, call: AppCall, wanted: Wanted): Promise<Dyno> => {
  const { app } = call;
  const release = await releases.current(services.db, app.id);
  if (release === undefined || release.slugId === null) {
    throw invalidParams(`${app.name} has no code to run yet. Deploy it first: git push heroku main.`);
  }
  const existing = await dynos.ofApp(services.db, app.id);
  if (existing.filter((dyno) => dyno.kind === 'run').length >= maxOneOffs) {
    throw invalidParams(
      `${app.name} already runs ${maxOneOffs} one-off dynos, which is the limit. Stop one with heroku ps:stop.`,
    );
  }
  const id = randomUUID() as DynoId; // the row's own id, chosen here because its env is sealed to it
  return dynos.insert(services.db, {
    ...blank,
    id,
    appId: app.id,
    releaseId: release.id,
    releaseVersion: release.version,
    type: wanted.type,
    ordinal: freeOrdinal(existing, wanted.type),
    size: wanted.size,
    command: resolveCommand(wanted.command, release),
    attached: wanted.attach,
    sealedEnv: services.keyring.sealJson(wanted.env, dynoEnvContext(id)),
    terminal: JSON.stringify(wanted.attach ? (requestedTerminal(wanted.env, wanted.forceNoTty) ?? null) : null),
    requestKey: call.requestKey,
  });
};

const blank = {
  kind: 'run',
  state: 'starting',
  retire: null,
  attachSecretHash: null,
  host: null,
  port: null,
  exitCode: null,
  nextStartAt: null,
  outputPosition: null,
} as const;

const read = (body: unknown): Wanted => {
  const fields = new Fields(body);
  const command = fields.requiredText('command');
  if (command.length > maxCommandLength) {
    throw invalidParams(`command: expected at most ${maxCommandLength} characters, got ${command.length}.`);
  }
  const type = fields.text('type') ?? 'run';
  if (!/^[A-Za-z0-9_-]{1,63}$/.test(type)) {
    throw invalidParams(`type: expected letters, digits, dashes and underscores, got ${JSON.stringify(type)}.`);
  }
  const size = fields.reference('size');
  return {
    attach: fields.flag('attach') ?? false,
    command,
    env: readEnv(fields.object('env')),
    forceNoTty: fields.flag('force_no_tty') ?? false,
    size: size === undefined ? defaultDynoSize : sizeNamed(size),
    type,
  };
};

const readEnv = (fields: Fields): Record<string, string> => {
  const env: Record<string, string> = {};
  for (const [name, value] of fields.entries()) {
    if (value === null || value === undefined) continue;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw invalidParams(`env: ${JSON.stringify(name)} is not a variable's name.`);
    const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!known || String(value).includes('\0')) throw invalidParams(`env: ${name}: expected a string.`);
    env[name] = String(value);
  }
  return env;
};

/** `worker --fast` runs the command of process type worker with `--fast` behind it, as Procfile commands do on Heroku. */
export const resolveCommand = (command: string, release: { readonly processTypes: ProcessTypes }): string => {
  const first = /^[A-Za-z0-9_-]+(?=\s|$)/.exec(command)?.[0];
  if (first === undefined || !Object.hasOwn(release.processTypes, first)) return command;
  return `${release.processTypes[first]}${command.slice(first.length)}`;
};

const freeOrdinal = (existing: readonly Dyno[], type: string): number => {
  const taken = new Set(existing.filter((dyno) => dyno.type === type).map((dyno) => dyno.ordinal));
  for (;;) {
    const ordinal = randomInt(1000, 10_000);
    if (!taken.has(ordinal)) return ordinal;
  }
};

/** The session is dialled at the API's own port, which the client wants spelled out. */
const rendezvousUrl = (base: string, secret: string): string => {
  const { protocol, hostname, port } = new URL(base);
  return `rendezvous://${hostname}:${port || (protocol === 'https:' ? 443 : 80)}/${secret}`;
};
