import { notAvailable, notFound } from '../../contract/platform-error.ts';
import { type Endpoint, type Method, onApp, signedIn } from '../endpoint.ts';

/** Resources of Heroku's API that clients may ask for and that are absent here: they say so by name. */
const ofApps: readonly (readonly [string, string, readonly Method[]])[] = [
  ['log-drains', 'Log drains', ['GET', 'POST']],
  ['log-drains/:drain', 'Log drains', ['GET', 'DELETE']],
  ['webhooks', 'Webhooks', ['GET', 'POST']],
];

const ofAccounts: readonly (readonly [string, string, readonly Method[]])[] = [
  ['/pipelines', 'Pipelines', ['GET', 'POST']],
  ['/pipelines/:pipeline', 'Pipelines', ['GET', 'PATCH', 'DELETE']],
  ['/spaces', 'Private spaces', ['GET', 'POST']],
  ['/review-apps', 'Review apps', ['POST']],
  ['/reports', 'Reports of pg:diagnose', ['POST']],
  ['/account/keys', 'SSH keys', ['POST']],
];

export const absentEndpoints = (): Endpoint[] => [
  ...ofApps.flatMap(([path, what, methods]) =>
    methods.map((method) =>
      onApp(method, `/apps/:app/${path}`, 'view', async () => {
        throw notAvailable(what);
      }),
    ),
  ),
  ...ofAccounts.flatMap(([path, what, methods]) =>
    methods.map((method) =>
      signedIn(method, path, async () => {
        throw notAvailable(what);
      }),
    ),
  ),
  onApp('GET', '/apps/:app/pipeline-couplings', 'view', async () => {
    throw notFound('pipeline_coupling', "This app isn't part of a pipeline.");
  }),
];
