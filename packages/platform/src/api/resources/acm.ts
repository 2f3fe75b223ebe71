import { invalidParams } from '../../contract/platform-error.ts';
import { apps } from '../../store/apps.ts';
import { certificateOrders } from '../../store/certificate-orders.ts';
import { sniEndpoints } from '../../store/sni-endpoints.ts';
import { ok } from '../answer.ts';
import { logEvent } from '../app-events.ts';
import { type AppCall, type Endpoint, onApp } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';
import { appWriter } from './apps.ts';

/** Automated Certificate Management of an app (`heroku certs:auto`). */
export const acmEndpoints = (services: Pick<Services, 'db' | 'urls' | 'domainChanges' | 'logs'>): Endpoint[] => {
  const { db, domainChanges, logs } = services;
  const shape = appWriter(services);
  const said = ({ app, account }: AppCall, what: string): void =>
    logEvent(logs.sink, app.id, `${what} Automated Certificate Management by user ${account.email}`);

  return [
    onApp('POST', '/apps/:app/acm', 'operate', async (call) => {
      const app = call.app.acm ? call.app : await apps.update(db, call.app.id, { acm: true });
      if (!call.app.acm) said(call, 'Enable');
      domainChanges.nudgeAcm();
      return ok(await shape(app));
    }),
    onApp('PATCH', '/apps/:app/acm', 'operate', async (call) => {
      if (!call.app.acm) {
        throw invalidParams('Automated Certificate Management is disabled. Enable it: heroku certs:auto:enable.');
      }
      if (new Fields(call.body).flag('acm_refresh') === true) {
        await certificateOrders.refresh(db, call.app.id);
        domainChanges.nudgeAcm();
      }
      return ok(await shape(call.app));
    }),
    onApp('DELETE', '/apps/:app/acm', 'operate', async (call) => {
      const app = await db.transaction().execute(async (tx) => {
        await certificateOrders.removeOfApp(tx, call.app.id);
        await sniEndpoints.removeManaged(tx, call.app.id);
        return apps.update(tx, call.app.id, { acm: false });
      });
      if (call.app.acm) said(call, 'Disable');
      domainChanges.nudgeAcm();
      await domainChanges.routed(app.id);
      return ok(await shape(app));
    }),
  ];
};
