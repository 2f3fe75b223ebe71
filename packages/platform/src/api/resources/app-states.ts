import { timestamp } from '../../contract/shapes/complete.ts';
import { type AppState, appStatesOf } from '../../store/app-states.ts';
import { list } from '../answer.ts';
import { type Endpoint, signedIn } from '../endpoint.ts';
import type { Services } from '../services.ts';

/** How every app is, at a glance (docs/api.md, "How apps are"). */
export const appStateEndpoints = ({ db }: Pick<Services, 'db'>): Endpoint[] => [
  signedIn('GET', '/app-states', async (call) =>
    list(call.headers.range, (await appStatesOf(db, call.account.id)).map(shape), ['name', 'id']),
  ),
];

const healthOf = ({ wanted, up, crashed }: AppState): string => {
  if (wanted === 0) return 'idle';
  if (crashed > 0) return 'crashed';
  return up < wanted ? 'starting' : 'up';
};

const shape = (state: AppState) => ({
  id: state.id,
  name: state.name,
  health: healthOf(state),
  dynos: { wanted: state.wanted, up: state.up, starting: state.starting, crashed: state.crashed },
  release:
    state.version === null
      ? null
      : {
          version: state.version,
          description: state.description,
          status: state.status,
          created_at: timestamp(state.releasedAt),
        },
});
