import { timestamp } from '../../contract/shapes/complete.ts';
import { ok } from '../answer.ts';
import { type Endpoint, onApp } from '../endpoint.ts';
import type { Services } from '../services.ts';

/** Branches that were pushed; each can be built again, docs/api.md, "Deploying a branch again". */
export const branchEndpoints = ({ builds }: Pick<Services, 'builds'>): Endpoint[] => [
  onApp('GET', '/apps/:app/branches', 'view', async ({ app }) => {
    const branches = await builds.branches(app);
    return ok(
      branches.map(({ name, sha, subject, committedAt }) => ({
        name,
        commit: sha,
        description: subject,
        committed_at: timestamp(committedAt),
      })),
    );
  }),
];
