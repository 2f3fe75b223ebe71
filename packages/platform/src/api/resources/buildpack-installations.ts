import { parseBuildpackSource } from '../../build/buildpack-source.ts';
import { invalidParams } from '../../contract/platform-error.ts';
import { buildpackInstallationShapes } from '../../contract/shapes/build.ts';
import { buildpackInstallations } from '../../store/buildpack-installations.ts';
import { ok } from '../answer.ts';
import { type Endpoint, onApp } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

const maxBuildpacks = 50;

export const buildpackInstallationEndpoints = ({ db }: Pick<Services, 'db'>): Endpoint[] => [
  onApp('GET', '/apps/:app/buildpack-installations', 'view', async ({ app }) =>
    ok(buildpackInstallationShapes(await buildpackInstallations.ofApp(db, app.id))),
  ),
  onApp('PUT', '/apps/:app/buildpack-installations', 'deploy', async (call) => {
    const updates = new Fields(call.body).array('updates');
    if (updates === undefined)
      throw invalidParams('updates is required: expected an array such as [{"buildpack": "heroku/nodejs"}].');
    if (updates.length > maxBuildpacks)
      throw invalidParams(`updates: expected at most ${maxBuildpacks} buildpacks, got ${updates.length}.`);
    const urls = updates.map((update) => checkBuildpack(new Fields(update).requiredReference('buildpack')));
    await db.transaction().execute((tx) => buildpackInstallations.replace(tx, call.app.id, urls));
    return ok(buildpackInstallationShapes(urls));
  }),
];

/** @throws PlatformError when a build could never find it. */
export const checkBuildpack = (source: string): string => {
  if (parseBuildpackSource(source) === undefined) {
    throw invalidParams(
      `${JSON.stringify(source)} is not a buildpack: expected a name such as heroku/nodejs, or the URL of a git repository or .tgz archive.`,
    );
  }
  return source;
};
