import type { AddOnProvider, Provisioned } from '../../addons/provider.ts';

/** A provider whose databases are there at once and are nothing but an address: what stands behind add-ons has tests of its own. */
export const quickProvider = (
  failWith: () => string | undefined,
  service = 'heroku-postgresql',
  config?: Provisioned['config'],
): AddOnProvider => ({
  service,
  provision: async (request) => {
    const reason = failWith();
    if (reason !== undefined) throw new Error(reason);
    return {
      resource: { port: 5999 },
      config: config ?? { URL: `postgres://u:p@localhost:5999/${request.name.replaceAll('-', '_')}` },
    };
  },
  deprovision: async () => {},
  ensureRunning: async () => ({ kind: 'up' }),
  onChange: () => () => {},
  stopAll: async () => {},
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
});
