import { dynoEnvContext } from '../contract/seal-contexts.ts';
import type { DynoRow, DynoRowPort } from '../runtime/ports.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { Database } from '../store/database.ts';
import { type Dyno, dynos } from '../store/dynos.ts';

const toRow = (keyring: Keyring, dyno: Dyno): DynoRow => ({
  id: dyno.id,
  appId: dyno.appId,
  releaseId: dyno.releaseId,
  releaseVersion: dyno.releaseVersion,
  kind: dyno.kind,
  type: dyno.type,
  ordinal: dyno.ordinal,
  size: dyno.size,
  command: dyno.command,
  state: dyno.state,
  retire: dyno.retire ?? undefined,
  attached: dyno.attached,
  env: dyno.sealedEnv === null ? undefined : keyring.openStrings(dyno.sealedEnv, dynoEnvContext(dyno.id)),
  host: dyno.host ?? undefined,
  port: dyno.port ?? undefined,
  exitCode: dyno.exitCode ?? undefined,
  crashCount: dyno.crashCount,
  nextStartAtMs: dyno.nextStartAt?.getTime(),
  outputPosition: dyno.outputPosition ?? undefined,
});

/** The reconciler's rows, kept in the store. */
export const dynoRowPort = (db: Database, keyring: Keyring): DynoRowPort => ({
  list: async (appId) =>
    (await (appId === undefined ? dynos.all(db) : dynos.ofApp(db, appId))).map((dyno) => toRow(keyring, dyno)),

  async insert(row) {
    await dynos.insert(db, {
      id: row.id,
      appId: row.appId,
      releaseId: row.releaseId,
      releaseVersion: row.releaseVersion,
      kind: row.kind,
      type: row.type,
      ordinal: row.ordinal,
      size: row.size,
      command: row.command,
      state: row.state,
      retire: row.retire ?? null,
      attached: row.attached,
      sealedEnv: null,
      attachSecretHash: null,
      host: row.host ?? null,
      port: row.port ?? null,
      exitCode: row.exitCode ?? null,
      crashCount: row.crashCount,
      nextStartAt: row.nextStartAtMs === undefined ? null : new Date(row.nextStartAtMs),
      outputPosition: row.outputPosition ?? null,
      requestKey: null,
    });
  },

  async update(id, { nextStartAtMs, ...change }) {
    const nextStartAt = nextStartAtMs === undefined ? {} : { nextStartAt: new Date(nextStartAtMs) };
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    await dynos.update(db, id, { ...given, ...nextStartAt });
  },

  keepPosition: (id, position) => dynos.keepPosition(db, id, position),
  async delete(id, exitCode) {
    // Noted first: who waits for its end reads it off the row that goes.
    if (exitCode !== undefined) await dynos.update(db, id, { exitCode });
    await dynos.remove(db, id);
  },
});
