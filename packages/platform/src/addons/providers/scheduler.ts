import type { AddOnHealth, AddOnProvider, Provisioned } from '../provider.ts';

/** heroku-scheduler: its jobs are rows that go with the add-on; nothing of it runs by itself. */
export const schedulerProvider = (): AddOnProvider => ({
  service: 'heroku-scheduler',
  provision: async (): Promise<Provisioned> => ({ resource: {}, config: {} }),
  deprovision: async () => {},
  ensureRunning: async (): Promise<AddOnHealth> => ({ kind: 'up' }),
  onChange: () => () => {},
  stopAll: async () => {},
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
});
