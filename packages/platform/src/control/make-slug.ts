import { rm } from 'node:fs/promises';
import { type AppJson, parseAppJson } from '../build/app-json.ts';
import { buildCancelled } from '../build/build-cancelled.ts';
import { BuildFailed } from '../build/build-failed.ts';
import { compileSlug } from '../build/compile-slug.ts';
import { readContainerSource } from '../build/container-source.ts';
import { explainUnpacking } from '../build/explain-failure.ts';
import type { HerokuYml } from '../build/heroku-yml.ts';
import { sourceDigest } from '../build/source-digest.ts';
import { readSourceFile } from '../build/source-file.ts';
import { buildpackInstallations } from '../store/buildpack-installations.ts';
import { releases as releaseRows } from '../store/releases.ts';
import { type Slug, slugs } from '../store/slugs.ts';
import { type BuildJob, type BuildParts, buildFolder, sourceFolder } from './build-job.ts';
import { setUpApp, wishesOfSetup } from './first-push.ts';
import { makeImages } from './make-images.ts';
import { tellFailure } from './tell-failure.ts';

export interface MadeSlug {
  readonly slug: Slug;
  /** The app's app.json on its first push; later pushes don't heed it. */
  readonly firstAppJson: AppJson | undefined;
}

/** What a slug is made of, beside the source. */
interface Recipe {
  readonly buildpacks: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly digest: string;
  readonly firstAppJson: AppJson | undefined;
  /** Of the container stack. */
  readonly plan: HerokuYml | undefined;
}

/**
 * Compiles a build's source, unless a slug made of exactly the same parts is still there.
 * @throws BuildFailed, whose reason the output has told already.
 */
export const makeSlug = async (parts: BuildParts, job: BuildJob): Promise<MadeSlug> => {
  const { db, data } = parts;
  const { tree, build, output } = job;
  try {
    const { recipe, same } = await prepareOrFind(parts, job).catch((cause: unknown) => {
      const { signal } = job.turn;
      const error = signal.aborted ? buildCancelled(signal) : cause;
      // What compileSlug and the engine throw they have explained by themselves.
      throw error instanceof BuildFailed ? tellFailure(output, error) : error;
    });
    const { firstAppJson } = recipe;
    if (same === undefined) return { slug: await compile(parts, job, recipe), firstAppJson };
    output.write('-----> Nothing that the build reads has changed: using the result of an earlier build\n');
    if (same.commit === tree.commit) return { slug: same, firstAppJson };
    const slug = await slugs.relabel(db, same.id, { commit: tree.commit, commitDescription: tree.description });
    return { slug, firstAppJson };
  } finally {
    await rm(sourceFolder(data, build), { recursive: true, force: true });
  }
};

/** `same` is a slug of the same parts whose files, or images, are all still there. */
const prepareOrFind = async (parts: BuildParts, job: BuildJob) => {
  const recipe = await prepare(parts, job);
  const same = await slugs.byDigest(parts.db, job.app.id, recipe.digest);
  const there = same?.images == null || (await parts.imageBuilder().hasAll(same.images));
  return { recipe, same: there ? same : undefined };
};

/** Fetches the source and, on an app's first push, sets the app up as the source asks. */
const prepare = async (parts: BuildParts, { app, by, build, tree, output, turn }: BuildJob): Promise<Recipe> => {
  const { signal } = turn;
  const { db, releases, data } = parts;
  // Before anything is fetched or set up for it.
  if (app.buildStack === 'container') parts.imageBuilder();
  const folder = sourceFolder(data, build);
  const treeId = await tree.unpack(folder, signal).catch(async (error: unknown) => {
    throw await explainUnpacking(error, folder);
  });
  const plan = app.buildStack === 'container' ? await readContainerSource(folder) : undefined;
  const first = (await releaseRows.newest(db, app.id))?.slugId == null;
  const text = first ? await readSourceFile(folder, 'app.json') : undefined;
  const firstAppJson = text === undefined ? undefined : parseAppJson(text);
  if (first && plan !== undefined) await setUpApp(parts, app, by, wishesOfSetup(plan.setup), output, signal);
  if (firstAppJson !== undefined) await setUpApp(parts, app, by, { ...firstAppJson, file: 'app.json' }, output, signal);
  // Config vars never reach the build of an image.
  const env = plan === undefined ? await releases.config(app.id) : {};
  const buildpacks = build.buildpacks.length > 0 ? build.buildpacks : await buildpackInstallations.ofApp(db, app.id);
  const digest = sourceDigest({ treeId, buildpacks, env, stack: app.buildStack });
  return { firstAppJson, env, buildpacks, plan, digest };
};

const compile = async (parts: BuildParts, job: BuildJob, recipe: Recipe): Promise<Slug> => {
  const { db } = parts;
  const { app, tree } = job;
  const slug = await slugs.insert(db, {
    appId: app.id,
    commit: tree.commit,
    commitDescription: tree.description,
    checksum: `SHA256:${recipe.digest}`,
    sourceDigest: recipe.digest,
    sizeBytes: null,
    processTypes: {},
    stack: app.buildStack,
    buildpackProvidedDescription: null,
  });
  try {
    const made =
      recipe.plan === undefined
        ? await compileFolder(parts, job, recipe, slug)
        : await compileImages(parts, job, recipe.plan);
    return await slugs.finish(db, slug.id, made);
  } catch (error) {
    await slugs.markRemoved(db, slug.id);
    throw error;
  }
};

const compileImages = async (parts: BuildParts, { build, output, turn }: BuildJob, plan: HerokuYml) => {
  const { timeMs } = parts.limits;
  const source = { folder: sourceFolder(parts.data, build), output, signal: turn.signal, timeMs };
  const made = await makeImages(parts.imageBuilder(), plan, source);
  return { ...made, buildpackProvidedDescription: 'Container' };
};

const compileFolder = async (
  parts: BuildParts,
  { app, build, tree, output, turn }: BuildJob,
  recipe: Recipe,
  slug: Slug,
) => {
  const { data, runtimes, limits } = parts;
  const { sizeBytes, processTypes, buildpackDescription } = await compileSlug({
    id: build.id,
    sourceFolder: sourceFolder(data, build),
    buildFolder: buildFolder(data, build),
    cacheFolder: data.cache(app.id),
    slugFolder: data.slug(slug.id),
    runtimes,
    buildpacks: recipe.buildpacks,
    env: recipe.env,
    output,
    signal: turn.signal,
    limits,
    uid: process.getuid?.() === 0 ? app.uid : undefined,
    stack: app.buildStack,
    sourceVersion: tree.commit ?? '',
  });
  return { sizeBytes, processTypes, buildpackProvidedDescription: buildpackDescription };
};
