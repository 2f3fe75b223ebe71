import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { buildShape } from '../../contract/shapes/build.ts';
import { type Build, builds as buildRows } from '../../store/builds.ts';
import { isUuid } from '../../store/is-uuid.ts';
import { created, list, ok } from '../answer.ts';
import { type AppCall, type Endpoint, onApp, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { requester } from '../requester.ts';
import type { BuildSource, Services } from '../services.ts';
import { checkBuildpack } from './buildpack-installations.ts';
import { buildOutputUrl } from './output-streams.ts';

export const buildEndpoints = ({ db, builds }: Pick<Services, 'db' | 'builds'>): Endpoint[] => {
  const shape = (call: AppCall) => (build: Build) =>
    buildShape(build, { app: call.app, outputUrl: buildOutputUrl(call, build) });
  const find = async (call: AppCall): Promise<Build> => {
    const id = param(call, 'build');
    const build = isUuid(id) ? await buildRows.byId(db, call.app.id, id) : undefined;
    if (build === undefined) throw notFound('build');
    return build;
  };
  return [
    onApp('GET', '/apps/:app/builds', 'view', async (call) =>
      list(call.headers.range, (await buildRows.ofApp(db, call.app.id)).map(shape(call)), ['created_at', 'id']),
    ),
    onApp('POST', '/apps/:app/builds', 'deploy', async (call) => {
      const ref = new Fields(call.body).object('source_blob').text('ref');
      const by = requester(call);
      const build =
        ref === undefined
          ? await builds.start(call.app, by, readSource(call.body), call.requestKey)
          : await builds.startAgain(call.app, by, ref, call.requestKey);
      return created(shape(call)(build));
    }),
    onApp('GET', '/apps/:app/builds/:build', 'view', async (call) => ok(shape(call)(await find(call)))),
    onApp('DELETE', '/apps/:app/builds/:build', 'deploy', async (call) => {
      const build = await find(call);
      if (!(await builds.cancel(build, requester(call)))) {
        throw invalidParams(
          build.status === 'pending'
            ? 'This build can no longer be cancelled: its release is being made.'
            : 'This build has ended already.',
        );
      }
      return ok(shape(call)(await find(call)));
    }),
  ];
};

const readSource = (body: unknown): BuildSource => {
  const fields = new Fields(body);
  const blob = fields.object('source_blob');
  const url = blob.requiredText('url');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw invalidParams(
      `source_blob.url: expected an http or https URL of a .tar.gz archive, got ${JSON.stringify(url)}.`,
    );
  }
  const checksum = blob.text('checksum');
  if (checksum !== undefined && !/^SHA256:[0-9a-f]{64}$/i.test(checksum)) {
    throw invalidParams('source_blob.checksum: expected SHA256: and 64 hexadecimal digits.');
  }
  return {
    url,
    version: blob.text('version') ?? null,
    versionDescription: blob.text('version_description') ?? null,
    checksum: checksum ?? null,
    buildpacks: (fields.array('buildpacks') ?? []).map((entry) => {
      const buildpack = new Fields(entry);
      return checkBuildpack(buildpack.text('url') ?? buildpack.requiredText('name'));
    }),
  };
};
