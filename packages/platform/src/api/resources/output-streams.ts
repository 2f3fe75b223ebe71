import { timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { notFound } from '../../contract/platform-error.ts';
import type { AppId, ReleaseId } from '../../domain/ids.ts';
import { type Build, builds } from '../../store/builds.ts';
import { isUuid } from '../../store/is-uuid.ts';
import { type Release, releases } from '../../store/releases.ts';
import type { WrittenAnswer } from '../answer.ts';
import { anyone, type Call, type Endpoint, param } from '../endpoint.ts';
import type { Services } from '../services.ts';

/** Where to read a release command's output, without a token; null when the release has none. */
export const releaseOutputUrl = (call: Call, release: Release): string | null =>
  release.outputSecret === null ? null : `${call.base}/streams/releases/${release.id}/${release.outputSecret}`;

/** Where to read a build's output, without a token. */
export const buildOutputUrl = (call: Call, build: Build): string =>
  `${call.base}/streams/builds/${build.appId}/${build.id}/${build.outputSecret}`;

export const outputStreamEndpoints = ({ db, outputs }: Pick<Services, 'db' | 'outputs'>): Endpoint[] => [
  anyone('GET', '/streams/releases/:release/:secret', async (call) => {
    const id = param(call, 'release');
    const release = isUuid(id) ? await releases.byId(db, id as ReleaseId) : undefined; // checked beside
    guard(call, release?.outputSecret);
    return text(release === undefined ? undefined : await outputs.release(release, call.signal));
  }),
  anyone('GET', '/streams/builds/:app/:build/:secret', async (call) => {
    const [app, id] = [param(call, 'app'), param(call, 'build')];
    const build = isUuid(app) && isUuid(id) ? await builds.byId(db, app as AppId, id) : undefined; // checked beside
    guard(call, build?.outputSecret);
    return text(build === undefined ? undefined : await outputs.build(build, call.signal));
  }),
];

const guard = (call: Call, secret: string | null | undefined): void => {
  const given = Buffer.from(param(call, 'secret'));
  const expected = Buffer.from(secret ?? '');
  if (expected.length === 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw notFound('output');
  }
};

/** Streams plain text as it comes. */
const text = (source: Readable | undefined): WrittenAnswer => {
  if (source === undefined) throw notFound('output', 'There is no output yet, or it is no longer kept.');
  return {
    kind: 'written',
    write: async (_req, res: ServerResponse) => {
      res.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
      res.flushHeaders();
      await pipeline(source, res).catch(() => {}); // the reader went away
    },
  };
};
