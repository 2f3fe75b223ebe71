import type { Databases } from '../services.ts';

const none = (): never => {
  throw new Error('there are no databases behind this platform');
};

/** In the place of databases, for tests that have no business with them: what stands behind has tests of its own. */
export const noDatabases: Databases = {
  facts: async () => ({
    info: undefined,
    backups: { since: undefined, lastBase: undefined, trouble: null, drill: undefined },
    commitsBehind: undefined,
  }),
  leaderOf: async () => undefined,
  followersOf: async () => [],
  unfollow: async () => none(),
  olderVersion: async () => undefined,
  upgrade: async () => none(),
  upgradeState: () => ({ kind: 'none' }),
  credentials: {
    list: async () => [],
    create: async () => none(),
    rotate: async () => none(),
    destroy: async () => none(),
    repairDefault: async () => none(),
  },
  reset: async () => none(),
  rotate: async () => none(),
  disconnect: async () => none(),
  resetStatistics: async () => none(),
  settings: async () => none(),
  change: async () => none(),
  url: () => none(),
  nudge: () => {},
  cancel: async () => none(),
  file: () => none(),
};
