import type { Build, BuildpackInstallations, Source } from '@heroku-cli/schema';
import { appRef } from './app.ts';
import { type Complete, type Named, timestamp } from './complete.ts';

export interface BuildFacts {
  readonly id: string;
  readonly accountId: string | null;
  readonly accountEmail: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly stack: string;
  readonly commit: string | null;
  readonly commitDescription: string | null;
  readonly sourceUrl: string | null;
  readonly buildpacks: readonly string[];
  readonly slugId: string | null;
  readonly releaseId: string | null;
  readonly failureReason: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const builtIn = 'urn:buildpack:';

/** `heroku/nodejs` is kept short and shown in both forms, as the Platform API does. */
const buildpackRef = (url: string): Named & { readonly url: string } => {
  const short = url.startsWith(builtIn) ? url.slice(builtIn.length) : url;
  const official = /^heroku\/[a-z0-9-]+$/.test(short);
  return { id: short, name: short, url: official ? `${builtIn}${short}` : url };
};

export const buildpackInstallationShapes = (urls: readonly string[]): Complete<BuildpackInstallations>[] =>
  urls.map((url, ordinal) => {
    const { name, url: full } = buildpackRef(url);
    return { buildpack: { name, url: full }, ordinal };
  });

export const buildShape = (
  build: BuildFacts,
  around: { readonly app: Named; readonly outputUrl: string },
): Omit<Complete<Build>, 'release' | 'user'> & {
  readonly release: { readonly id: string } | null;
  readonly user: { readonly id: string | null; readonly email: string };
  readonly failure_reason: string | null;
} => ({
  app: appRef(around.app),
  buildpacks: build.buildpacks.map((url) => {
    const { name, url: full } = buildpackRef(url);
    return { name, url: full };
  }),
  created_at: timestamp(build.createdAt),
  failure_reason: build.failureReason,
  id: build.id,
  output_stream_url: around.outputUrl,
  release: build.releaseId === null ? null : { id: build.releaseId },
  slug: build.slugId === null ? null : { id: build.slugId },
  source_blob: {
    checksum: null,
    version: build.commit,
    version_description: build.commitDescription,
    ...(build.sourceUrl === null ? {} : { url: build.sourceUrl }),
  },
  stack: build.stack,
  status: build.status,
  updated_at: timestamp(build.updatedAt),
  user: { email: build.accountEmail, id: build.accountId },
});

export const sourceShape = (putUrl: string, getUrl: string): Complete<Source> => ({
  source_blob: { get_url: getUrl, put_url: putUrl },
});
