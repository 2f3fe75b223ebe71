import type { Release, Slug } from '@heroku-cli/schema';
import { appRef, stackRef } from './app.ts';
import { type Complete, type Named, timestamp } from './complete.ts';

export interface ReleaseFacts {
  readonly id: string;
  readonly version: number;
  readonly status: 'pending' | 'succeeded' | 'failed' | 'expired';
  readonly description: string;
  readonly accountId: string | null;
  readonly accountEmail: string;
  readonly slugId: string | null;
  readonly attachments: readonly { readonly plan: string }[];
  /** Those that the release command wrote files to. */
  readonly images: Digests;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Image id, `sha256:…`, by process type. */
type Digests = Readonly<Record<string, string>>;

interface ReleaseExtras {
  readonly eligible_for_rollback: boolean;
  /** Null for a release from a slug. Heroku has one image for all process types, here each may have its own. */
  readonly oci_image: { readonly id: string; readonly digests: Digests } | null;
}

export const releaseShape = (
  release: ReleaseFacts,
  around: {
    readonly app: Named;
    readonly current: boolean;
    readonly rollbackable: boolean;
    readonly outputUrl: string | null;
    /** What the build made; null where that was no image. */
    readonly built: { readonly id: string; readonly images: Digests } | null;
  },
): Omit<Complete<Release>, 'status' | 'user'> &
  ReleaseExtras & {
    readonly status: ReleaseFacts['status'];
    readonly user: { readonly id: string | null; readonly email: string };
  } => ({
  addon_plan_names: release.attachments.map((attachment) => attachment.plan),
  app: appRef(around.app),
  created_at: timestamp(release.createdAt),
  current: around.current,
  description: release.description,
  eligible_for_rollback: around.rollbackable,
  id: release.id,
  oci_image: around.built && { id: around.built.id, digests: { ...around.built.images, ...release.images } },
  output_stream_url: around.outputUrl,
  slug: release.slugId === null ? null : { id: release.slugId },
  status: release.status,
  updated_at: timestamp(release.updatedAt),
  user: { email: release.accountEmail, id: release.accountId },
  version: release.version,
});

export interface SlugFacts {
  readonly id: string;
  readonly commit: string | null;
  readonly commitDescription: string | null;
  readonly checksum: string | null;
  readonly sizeBytes: number | null;
  readonly processTypes: Readonly<Record<string, string>>;
  readonly stack: string;
  readonly buildpackProvidedDescription: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const slugShape = (slug: SlugFacts, blob: { method: 'put' | 'get'; url: string }): Complete<Slug> => ({
  blob,
  buildpack_provided_description: slug.buildpackProvidedDescription,
  checksum: slug.checksum,
  commit: slug.commit,
  commit_description: slug.commitDescription,
  created_at: timestamp(slug.createdAt),
  id: slug.id,
  process_types: { ...slug.processTypes },
  size: slug.sizeBytes,
  stack: stackRef(slug.stack),
  updated_at: timestamp(slug.updatedAt),
});
