import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { releaseShape } from '../../contract/shapes/release.ts';
import type { SlugId } from '../../domain/ids.ts';
import type { App } from '../../store/apps.ts';
import { isUuid } from '../../store/is-uuid.ts';
import { type Release, releases as releaseRows } from '../../store/releases.ts';
import { type Slug, slugs } from '../../store/slugs.ts';
import { created, list, ok } from '../answer.ts';
import { type AppCall, type Call, type Endpoint, onApp, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { requester } from '../requester.ts';
import type { Services } from '../services.ts';
import { releaseOutputUrl } from './output-streams.ts';

type Uses = Pick<Services, 'db' | 'releases'>;

export const releaseEndpoints = (services: Uses): Endpoint[] => {
  const { db } = services;
  const shape = (
    call: Call,
    app: App,
    release: Release,
    { current, slug }: { current: number | undefined; slug: Slug | undefined },
  ) =>
    releaseShape(release, {
      app,
      current: release.version === current,
      rollbackable: release.status === 'succeeded' && release.slugId !== null,
      outputUrl: releaseOutputUrl(call, release),
      built: slug?.images == null ? null : { id: slug.id, images: slug.images },
    });
  const one = async (call: AppCall, release: Release) =>
    shape(call, call.app, release, {
      current: (await releaseRows.current(db, call.app.id))?.version,
      slug: release.slugId === null ? undefined : await slugs.byId(db, release.slugId),
    });
  const find = async (call: AppCall): Promise<Release> => {
    const release = await releaseRows.find(db, call.app.id, param(call, 'release'));
    if (release === undefined) throw notFound('release');
    return release;
  };

  return [
    onApp('GET', '/apps/:app/releases', 'view', async (call) => {
      const all = await releaseRows.ofApp(db, call.app.id);
      const current = all.findLast((release) => release.status === 'succeeded')?.version;
      const made = new Map((await slugs.ofApp(db, call.app.id)).map((slug) => [slug.id, slug]));
      return list(
        call.headers.range,
        all.map((release) => {
          const slug = release.slugId === null ? undefined : made.get(release.slugId);
          return shape(call, call.app, release, { current, slug });
        }),
        ['version', 'id'],
      );
    }),
    onApp('GET', '/apps/:app/releases/:release', 'view', async (call) => ok(await one(call, await find(call)))),
    onApp('GET', '/apps/:app/releases/:release/config-vars', 'view', async (call) =>
      ok(services.releases.configOf(await find(call))),
    ),
    onApp('POST', '/apps/:app/releases', 'deploy', async (call) =>
      created(await one(call, await create(services, call))),
    ),
  ];
};

/** Rolls back to a `release`, or releases a `slug`. */
const create = async ({ db, releases }: Uses, call: AppCall): Promise<Release> => {
  const again = call.requestKey === null ? undefined : await releaseRows.byRequestKey(db, call.requestKey);
  if (again !== undefined) return again;
  const fields = new Fields(call.body);
  const by = requester(call);
  const target = fields.reference('release');
  if (target !== undefined) {
    const to = await releaseRows.find(db, call.app.id, target);
    if (to === undefined) throw notFound('release');
    return releases.rollback(call.app, by, to, call.requestKey);
  }
  const id = fields.reference('slug');
  if (id === undefined)
    throw invalidParams('Expected `slug` (the id of a slug to release) or `release` (to roll back to).');
  const slug = isUuid(id) ? await slugs.byId(db, id as SlugId) : undefined; // checked beside
  if (slug === undefined || slug.appId !== call.app.id) throw notFound('slug');
  if (slug.blobState !== 'present') {
    throw invalidParams(
      slug.blobState === 'pending'
        ? 'That slug has no content yet. PUT its archive to the URL that creating it gave, then release it.'
        : 'The content of that slug is no longer kept. Build the source again.',
    );
  }
  const description = fields.text('description') ?? `Deploy ${slug.commit?.slice(0, 8) ?? slug.id.slice(0, 8)}`;
  return releases.releaseSlug(call.app, by, { slug, description, requestKey: call.requestKey });
};
