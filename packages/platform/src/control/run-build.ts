import { buildCancelled } from '../build/build-cancelled.ts';
import { BuildFailed } from '../build/build-failed.ts';
import { PlatformError } from '../contract/platform-error.ts';
import { builds } from '../store/builds.ts';
import type { Release } from '../store/releases.ts';
import { type BuildJob, type BuildParts, sayOf } from './build-job.ts';
import { type MadeSlug, makeSlug } from './make-slug.ts';
import { tellFailure } from './tell-failure.ts';

/** One build from source to the end of its release phase; its row is finished whatever happens. */
export const runBuild = async (parts: BuildParts, job: BuildJob): Promise<'accepted' | 'rejected'> => {
  const { app, build, by, output, turn } = job;
  const { db } = parts;
  sayOf(parts.log, app.id, `Build started by user ${by.email}`);
  try {
    const made = await makeSlug(parts, job);
    await builds.noteSlug(db, build.id, made.slug.id);
    if (!turn.beginRelease()) throw tellFailure(output, buildCancelled(turn.signal));
    const release = await releaseIt(parts, job, made);
    const about = { slugId: made.slug.id, releaseId: release.id };
    if (release.status !== 'succeeded') {
      output.write(
        `\n !     Release v${release.version} failed: ${release.failureReason ?? 'see its output'}\n !     The release before it is still running.\n\n`,
      );
      await builds.finish(db, build.id, {
        status: 'failed',
        failureReason: `release v${release.version} failed`,
        ...about,
      });
      return 'rejected';
    }
    await builds.finish(db, build.id, { status: 'succeeded', ...about });
    if (made.firstAppJson?.postdeploy !== undefined)
      await runPostdeploy(parts, job, release, made.firstAppJson.postdeploy);
    output.write(`       ${parts.appUrl(app.name)} deployed to Ravine\n\n`);
    return 'accepted';
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) parts.onFault(error);
    if (!(error instanceof BuildFailed)) output.write(`\n !     ${reason ?? faultText}\n !     Push failed\n\n`);
    const cancelled = error instanceof BuildFailed && error.id === 'build_cancelled';
    sayOf(parts.log, app.id, `Build failed -- ${cancelled ? error.message : 'check your build output'}`);
    await builds.finish(db, build.id, { status: 'failed', failureReason: reason ?? faultText });
    return 'rejected';
  }
};

const faultText = "A fault of Ravine; the platform's log has the cause.";

/** Why a build failed, in words for the app's owner; undefined for a fault of our own. */
const reasonOf = (error: unknown): string | undefined =>
  error instanceof BuildFailed || error instanceof PlatformError ? error.message : undefined;

/** Makes the release and waits for its release phase, showing what that writes. */
const releaseIt = async (
  parts: BuildParts,
  { app, by, tree, output }: BuildJob,
  { slug, firstAppJson }: MadeSlug,
): Promise<Release> => {
  const { releases, outputs, data } = parts;
  output.write('-----> Launching...\n');
  sayOf(parts.log, app.id, 'Build succeeded');
  const short = tree.commit?.slice(0, 8) ?? 'archive';
  const release = await releases.releaseSlug(app, by, {
    slug,
    description: `Deploy ${short}`,
    requestKey: null,
    ...(firstAppJson === undefined ? {} : { formation: firstAppJson.formation }),
  });
  sayOf(parts.log, app.id, `Deploy ${short} by user ${by.email}`);
  if (release.status === 'pending') {
    output.write(' !     Release command declared: this release becomes current when it has succeeded.\n');
    const ended = new AbortController();
    const shown = outputs.copy(data.releaseOutput(release.id), output, ended.signal);
    const settled = await releases.finished(release.id).finally(() => ended.abort());
    await shown;
    if (settled.status !== 'succeeded') return settled;
  }
  output.write(`       Released v${release.version}\n`);
  return releases.finished(release.id);
};

const runPostdeploy = async (
  parts: BuildParts,
  { app, output }: BuildJob,
  release: Release,
  command: string,
): Promise<void> => {
  output.write(`-----> Running postdeploy script: ${command}\n`);
  const status = await parts.postdeploy(app, release, command, output);
  if (status === 0) return;
  output.write(
    ` !     The postdeploy script ended with status ${status}; the release stays. Run it again with \`heroku run\`.\n`,
  );
};
