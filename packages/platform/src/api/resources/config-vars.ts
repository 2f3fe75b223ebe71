import { checkConfigSize, readConfigPatch } from '../../contract/config-var-rules.ts';
import { ok } from '../answer.ts';
import { type Endpoint, onApp } from '../endpoint.ts';
import { requester } from '../requester.ts';
import type { Services } from '../services.ts';

export const configVarEndpoints = ({ releases }: Pick<Services, 'releases'>): Endpoint[] => [
  onApp('GET', '/apps/:app/config-vars', 'view', async ({ app }) => ok(sorted(await releases.config(app.id)))),
  onApp('PATCH', '/apps/:app/config-vars', 'operate', async (call) => {
    const patch = readConfigPatch(call.body);
    checkConfigSize(applied(await releases.config(call.app.id), patch));
    return ok(sorted(await releases.setConfig(call.app, requester(call), patch, call.requestKey)));
  }),
];

const applied = (
  config: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...config, ...patch }).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );

const sorted = (config: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
