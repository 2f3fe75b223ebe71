import type { App } from '@heroku-cli/schema';
import { stableId } from '../stable-id.ts';
import { type Complete, type Named, timestamp } from './complete.ts';

export interface AppFacts {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly stack: string;
  readonly buildStack: string;
  readonly maintenance: boolean;
  readonly acm: boolean;
  readonly buildpackProvidedDescription: string | null;
  readonly repoSize: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly releasedAt: Date | null;
}

export interface AppSurroundings {
  readonly owner: { readonly id: string; readonly email: string };
  readonly webUrl: string;
  readonly gitUrl: string;
  readonly slugSizeBytes: number | null;
}

/** Beyond the schema: what the CLI reads of an app. */
interface AppExtras {
  readonly create_status: 'complete';
  readonly generation: Named;
  readonly locked: boolean;
  readonly process_tier: string;
}

export const generation: Named = { id: stableId('generation', 'cedar'), name: 'cedar' };

/** There are few of them, and many apps that name them: each id is made once. */
const namedOnce = (kind: string): ((name: string) => Named) => {
  const made = new Map<string, Named>();
  return (name) => {
    const found = made.get(name) ?? { id: stableId(kind, name), name };
    made.set(name, found);
    return found;
  };
};

export const stackRef = namedOnce('stack');
export const regionRef = namedOnce('region');

export const appRef = (app: { readonly id: string; readonly name: string }): Named => ({ id: app.id, name: app.name });

export const appShape = (app: AppFacts, around: AppSurroundings): Complete<App> & AppExtras => ({
  acm: app.acm,
  archived_at: null,
  build_stack: stackRef(app.buildStack),
  buildpack_provided_description: app.buildpackProvidedDescription,
  create_status: 'complete',
  created_at: timestamp(app.createdAt),
  generation,
  git_url: around.gitUrl,
  id: app.id,
  internal_routing: null,
  locked: false,
  maintenance: app.maintenance,
  name: app.name,
  organization: null,
  owner: { email: around.owner.email, id: around.owner.id },
  process_tier: 'basic',
  region: regionRef(app.region),
  released_at: app.releasedAt === null ? null : timestamp(app.releasedAt),
  repo_size: app.repoSize,
  slug_size: around.slugSizeBytes,
  space: null,
  stack: stackRef(app.stack),
  team: null,
  updated_at: timestamp(app.updatedAt),
  web_url: around.webUrl,
});
