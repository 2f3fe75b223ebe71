import { join } from 'node:path';
import type { GroupOptions } from '@ravine/prefork';

export interface RouterGroup {
  readonly workers: number;
  readonly listen: GroupOptions['listen'];
  readonly alsoListen?: GroupOptions['alsoListen'];
  /** Path of the unix socket on which control is to be found. */
  readonly socket: string;
  /** Path of the snapshot that workers start from. */
  readonly routes: string;
}

/** How router workers are started; the benchmarks start theirs the same way. */
export const routerGroup = ({ workers, listen, alsoListen = [], socket, routes }: RouterGroup): GroupOptions => ({
  name: 'router',
  script: join(import.meta.dirname, '..', 'processes', 'router-worker.ts'),
  workers,
  listen,
  alsoListen,
  env: { RAVINE_ROUTER_SOCKET: socket, RAVINE_ROUTES_FILE: routes },
});
