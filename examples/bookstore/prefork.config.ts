import type { Config } from '@ravine/prefork';

export const config: Config = {
  // Heroku kills a dyno 30 s after it was told to stop; what is in flight shall be over by then.
  gracefulTimeout: 25,
};
