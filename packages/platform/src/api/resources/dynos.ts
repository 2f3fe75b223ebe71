import { notFound } from '../../contract/platform-error.ts';
import { dynoShape } from '../../contract/shapes/dyno.ts';
import { parseExitStatusRequest } from '../../run-sessions/exit-status.ts';
import type { App } from '../../store/apps.ts';
import { type Dyno, dynoName, dynos } from '../../store/dynos.ts';
import { isUuid } from '../../store/is-uuid.ts';
import { accepted, created, list, ok } from '../answer.ts';
import { type AppCall, type Endpoint, onApp, param } from '../endpoint.ts';
import { runOneOff } from '../run-one-off.ts';
import type { Services } from '../services.ts';

type Uses = Pick<Services, 'db' | 'keyring' | 'runtime' | 'runSessions' | 'now'>;

export const dynoEndpoints = (services: Uses): Endpoint[] => {
  const { db, runtime } = services;

  const find = async (call: AppCall): Promise<Dyno> => {
    const dyno = await dynos.find(db, call.app.id, param(call, 'dyno'));
    if (dyno === undefined) throw notFound('dyno');
    return dyno;
  };

  /** Restarted dynos are replaced by the reconciler; one-off dynos just end. */
  const retire = async (app: App, which: readonly Dyno[], how: 'restart' | 'stop') => {
    for (const dyno of which) {
      await dynos.retire(db, app.id, dyno.kind === 'formation' ? how : 'stop', { id: dyno.id });
    }
    runtime.nudge(app.id);
    return accepted();
  };
  const ofType = async (call: AppCall, type: string): Promise<Dyno[]> => {
    const all = (await dynos.ofApp(db, call.app.id)).filter((dyno) => dyno.type === type);
    if (all.length === 0) throw notFound('dyno', `There are no dynos of process type ${type}.`);
    return all;
  };
  /** `web.1`; or `web`, which the CLI sends for all of that type. */
  const named = async (call: AppCall): Promise<Dyno[]> => {
    const name = param(call, 'dyno');
    if (/^[A-Za-z][A-Za-z0-9_-]*$/.test(name) && !isUuid(name)) return ofType(call, name);
    const { type, ordinal } = await find(call);
    return (await dynos.ofApp(db, call.app.id)).filter((dyno) => dyno.type === type && dyno.ordinal === ordinal);
  };

  return [
    onApp('GET', '/apps/:app/dynos', 'view', async (call) => {
      const shown = newestByName(await dynos.ofApp(db, call.app.id));
      return list(
        call.headers.range,
        shown.map((dyno) => shapeOf(dyno, call.app)),
        ['name', 'id', 'updated_at'],
      );
    }),
    onApp('POST', '/apps/:app/dynos', 'operate', async (call) => {
      const { dyno, attachUrl } = await runOneOff(services, call);
      return created(shapeOf(dyno, call.app, attachUrl));
    }),
    onApp('GET', '/apps/:app/dynos/:dyno', 'view', async (call) => ok(shapeOf(await find(call), call.app))),
    onApp('DELETE', '/apps/:app/dynos', 'operate', async (call) => {
      const running = (await dynos.ofApp(db, call.app.id)).filter((dyno) => dyno.kind === 'formation');
      return retire(call.app, running, 'restart');
    }),
    onApp('DELETE', '/apps/:app/dynos/:dyno', 'operate', async (call) =>
      retire(call.app, await named(call), 'restart'),
    ),
    onApp('DELETE', '/apps/:app/formations/:type', 'operate', async (call) =>
      retire(call.app, await ofType(call, param(call, 'type')), 'restart'),
    ),
    onApp('POST', '/apps/:app/dynos/:dyno/actions/stop', 'operate', async (call) =>
      retire(call.app, await named(call), 'stop'),
    ),
    onApp('POST', '/apps/:app/formations/:type/actions/stop', 'operate', async (call) =>
      retire(call.app, await ofType(call, param(call, 'type')), 'stop'),
    ),
  ];
};

const shapeOf = (dyno: Dyno, app: App, attachUrl: string | null = null) =>
  dynoShape({ ...dyno, command: parseExitStatusRequest(dyno.command).command }, app, attachUrl);

/** During a switch-over two dynos share a name; the one to come is shown. */
const newestByName = (all: readonly Dyno[]): readonly Dyno[] => {
  const byName = new Map<string, Dyno>();
  for (const dyno of all) {
    const other = byName.get(dynoName(dyno));
    if (other === undefined || other.createdAt <= dyno.createdAt) byName.set(dynoName(dyno), dyno);
  }
  return [...byName.values()];
};
