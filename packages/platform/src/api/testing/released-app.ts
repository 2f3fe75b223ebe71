import { apps } from '../../store/apps.ts';
import { slugs } from '../../store/slugs.ts';
import type { ApiClient } from './api-client.ts';
import type { TestPlatform } from './test-platform.ts';

/** An app with code: process types web, worker and release. Returns the release's version. */
export const releaseCode = async (platform: TestPlatform, client: ApiClient, name: string): Promise<number> => {
  const { db } = platform.services;
  const app = await apps.find(db, name);
  if (app === undefined) throw new Error(`no app ${name}`);
  const slug = await slugs.insert(db, {
    appId: app.id,
    commit: '0123456789abcdef',
    commitDescription: 'First',
    checksum: null,
    sourceDigest: null,
    sizeBytes: null,
    processTypes: { web: 'node server.js', worker: 'node worker.js', release: 'node migrate.js' },
    stack: app.stack,
    buildpackProvidedDescription: 'Node.js',
  });
  await slugs.markPresent(db, slug.id, { sizeBytes: 1234 });
  const made = await client('POST', `/apps/${name}/releases`, { slug: slug.id });
  const version = Number(made.body.version);
  await platform.services.releases.finished(made.body.id as Parameters<typeof platform.services.releases.finished>[0]); // the API's ids are the store's
  return version;
};
