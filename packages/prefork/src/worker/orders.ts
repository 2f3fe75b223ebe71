import type { Settings } from '../settings/read-settings.ts';

/** What the master tells a worker to do; it travels as JSON in the environment and is taken out of it at once. */
export interface WorkerOrders {
  /** `MODULE`, `MODULE:EXPORT` or `MODULE:FACTORY()`. */
  readonly app: string;
  /** Given only when the config file has hooks for workers. */
  readonly configFile: string | undefined;
  readonly settings: Settings;
}

/** @throws Error when this process was not started by `prefork`. */
export const takeOrders = (env: NodeJS.ProcessEnv): WorkerOrders => {
  const text = env.PREFORK_ORDERS;
  if (text === undefined) throw new Error('expected to be started by a prefork master; run `prefork APP` instead');
  delete env.PREFORK_ORDERS;
  return JSON.parse(text) as WorkerOrders; // written by the master of the same version
};
