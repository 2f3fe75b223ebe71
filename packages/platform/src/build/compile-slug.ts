import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { findCgroup, openCgroup } from '../cgroup/cgroup.ts';
import { parseAppJson } from './app-json.ts';
import { type BuildFolders, prepareBuildEnvironment } from './build-environment.ts';
import { BuildFailed } from './build-failed.ts';
import { BuildOutput, formatSize } from './build-output.ts';
import { BuildPace } from './build-pace.ts';
import type { BuildSandbox } from './build-process.ts';
import type { BuildpackRelease } from './buildpack-release.ts';
import { accept, chooseBuildpacks } from './choose-buildpacks.ts';
import { explainFailure } from './explain-failure.ts';
import { parseProcfile } from './procfile.ts';
import { runBuildpack } from './run-buildpack.ts';
import type { CompiledSlug, CompileOptions } from './slug-build.ts';
import { parseSlugIgnore, removeIgnored } from './slug-ignore.ts';
import { readSourceFile } from './source-file.ts';

const run = promisify(execFile);

const groupName = (id: string): string => `build-${id}`;

const sizeOnDisk = async (folder: string): Promise<number> => {
  const { stdout } = await run('du', ['-sk', folder], { maxBuffer: 1024 * 1024 });
  return Number.parseInt(stdout, 10) * 1024;
};

const checkSource = async (folder: string): Promise<void> => {
  const appJson = await readSourceFile(folder, 'app.json');
  if (appJson !== undefined) parseAppJson(appJson);
  const procfile = await readSourceFile(folder, 'Procfile');
  if (procfile !== undefined) parseProcfile(procfile);
  const ignore = await readSourceFile(folder, '.slugignore');
  if (ignore !== undefined) await removeIgnored(folder, parseSlugIgnore(ignore));
};

const handOver = async (uid: number | undefined, trees: readonly string[], folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o711 });
  if (uid === undefined) return;
  await chown(folder, uid, uid);
  await run('chown', ['-R', '-h', `${uid}:${uid}`, ...trees]);
};

const runBuildpacks = async (
  options: CompileOptions,
  sandbox: BuildSandbox,
  folders: BuildFolders,
  output: BuildOutput,
): Promise<{ name: string; releases: readonly BuildpackRelease[] }> => {
  const { sourceFolder, cacheFolder, buildpacks } = options;
  const choice = {
    buildpacks,
    sourceFolder,
    toFolder: folders.buildpacks,
    cacheFolder: `${cacheFolder}/buildpacks`,
    sandbox,
    output,
  };
  const releases: BuildpackRelease[] = [];
  let exports: readonly string[] = [];
  let name = '';
  for (const chosen of await chooseBuildpacks(choice)) {
    const buildpack = await accept(chosen, choice);
    output.header(`${buildpack.name} app detected`);
    const { source } = buildpack;
    const provided =
      source.kind === 'builtin' ? await options.runtimes.provide(source.name, sourceFolder, sandbox.signal) : {};
    const result = await runBuildpack(buildpack, {
      sourceFolder,
      cacheFolder,
      envFolder: folders.env,
      exports,
      sandbox: { ...sandbox, env: { ...sandbox.env, ...provided } },
      output,
    });
    releases.push(result.release);
    exports = result.exports;
    name = buildpack.name;
  }
  return { name, releases };
};

const discoverProcessTypes = async (
  folder: string,
  defaults: Readonly<Record<string, string>>,
  output: BuildOutput,
) => {
  output.header('Discovering process types');
  const procfile = await readSourceFile(folder, 'Procfile');
  const declared = procfile === undefined ? {} : parseProcfile(procfile);
  const rest = Object.keys(defaults).filter((type) => !(type in declared));
  if (procfile !== undefined)
    output.line(`Procfile declares types     -> ${Object.keys(declared).join(', ') || '(none)'}`);
  if (rest.length > 0) output.line(`Default types for buildpack -> ${rest.join(', ')}`);
  if (procfile === undefined && rest.length === 0) output.line('No process types: add a Procfile to run something.');
  return { ...defaults, ...declared };
};

const weigh = async (folder: string, limitBytes: number, output: BuildOutput): Promise<number> => {
  const sizeBytes = await sizeOnDisk(folder);
  if (sizeBytes > limitBytes) {
    throw new BuildFailed(
      'slug_too_large',
      `The slug is ${formatSize(sizeBytes)}, larger than the limit of ${formatSize(limitBytes)}.\nLeave out what the app doesn't need at run time with a .slugignore file, and keep large files in an object store.`,
    );
  }
  output.header('Storing slug...');
  output.line(`Done: ${formatSize(sizeBytes)}`);
  return sizeBytes;
};

const build = async (options: CompileOptions, signal: AbortSignal, output: BuildOutput): Promise<CompiledSlug> => {
  const { id, sourceFolder, buildFolder, cacheFolder, slugFolder, limits, uid, stack } = options;
  output.header(`Building on the ${stack.charAt(0).toUpperCase()}${stack.slice(1)} stack`);
  await checkSource(sourceFolder);
  await mkdir(buildFolder, { recursive: true, mode: 0o711 });
  const { folders, env } = await prepareBuildEnvironment({
    folder: buildFolder,
    configVars: options.env,
    stack,
    sourceVersion: options.sourceVersion,
    requestId: id,
  });
  await handOver(uid, [sourceFolder, buildFolder], cacheFolder);
  const { memoryBytes, maxProcesses } = limits;
  const cgroup = await openCgroup(groupName(id), { memoryBytes, maxProcesses, cpuShares: 'idle' });
  using _pace = cgroup && new BuildPace(cgroup);
  const sandbox: BuildSandbox = { uid, cgroup, memoryBytes, env, signal };
  const { name, releases } = await runBuildpacks(options, sandbox, folders, output);
  // Nothing of the build may touch the slug from here on.
  await cgroup?.kill();
  const last = releases.at(-1);
  const defaultProcessTypes = last?.defaultProcessTypes ?? {};
  const processTypes = await discoverProcessTypes(sourceFolder, defaultProcessTypes, output);
  const sizeBytes = await weigh(sourceFolder, limits.slugBytes, output);
  signal.throwIfAborted();
  await chmod(sourceFolder, 0o700);
  await mkdir(dirname(slugFolder), { recursive: true, mode: 0o711 });
  await rename(sourceFolder, slugFolder);
  return {
    processTypes,
    defaultProcessTypes,
    buildpackDescription: name,
    sizeBytes,
    addOns: releases.flatMap(({ addOns }) => addOns),
    configVars: Object.assign({}, ...releases.map(({ configVars }) => configVars)),
    releasePhase: 'release' in processTypes,
  };
};

/** Ends what is left of a build: its processes, its group, its folders. Also for one that Ravine did not survive. */
export const reapBuild = async (id: string, folders: readonly string[]): Promise<void> => {
  const group = await findCgroup(groupName(id));
  await group?.kill();
  group?.remove();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
};

/**
 * Makes a slug out of a source tree.
 * @throws BuildFailed for everything that is the source's, the build's or the disk's doing; nothing is left behind then
 */
export const compileSlug = async (options: CompileOptions): Promise<CompiledSlug> => {
  const output = new BuildOutput(options.output);
  const timeout = AbortSignal.timeout(options.limits.timeMs);
  try {
    const slug = await build(options, AbortSignal.any([options.signal, timeout]), output);
    if ((await sizeOnDisk(options.cacheFolder)) > options.limits.cacheBytes) {
      output.line('The build cache is larger than its limit and was cleared.');
      await rm(options.cacheFolder, { recursive: true, force: true });
    }
    return slug;
  } catch (error) {
    const failed = await explainFailure(error, {
      buildFolder: options.buildFolder,
      cancelled: options.signal,
      timedOut: timeout.aborted,
      timeMs: options.limits.timeMs,
      tail: output.tail,
    });
    if (!failed) throw error;
    output.failure(`${failed.message}\n\nPush failed`);
    throw failed;
  } finally {
    await reapBuild(options.id, [options.buildFolder, options.sourceFolder]);
    await new Promise<void>((resolve) => output.end(resolve));
  }
};
