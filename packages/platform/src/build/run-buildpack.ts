import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildFailed } from './build-failed.ts';
import type { BuildOutput } from './build-output.ts';
import { type BuildSandbox, runBuildCommand } from './build-process.ts';
import { type BuildpackRelease, parseBuildpackRelease } from './buildpack-release.ts';
import type { DetectedBuildpack } from './choose-buildpacks.ts';

export interface RunBuildpackOptions {
  readonly sourceFolder: string;
  readonly cacheFolder: string;
  readonly envFolder: string;
  /** `export` files of the buildpacks before this one. */
  readonly exports: readonly string[];
  readonly sandbox: BuildSandbox;
  readonly output: BuildOutput;
}

const withExports = 'while [ "$1" != -- ]; do . "$1"; shift; done; shift; exec "$@"';

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const outOfMemory = (limitBytes: number): BuildFailed =>
  new BuildFailed(
    'out_of_memory',
    `The build needed more than its ${Math.round(limitBytes / 1024 / 1024)} MB of memory and was stopped.\nMake the build smaller, or raise the limit of builds on this server.`,
  );

const compile = async (buildpack: DetectedBuildpack, options: RunBuildpackOptions): Promise<void> => {
  const { sourceFolder, cacheFolder, envFolder, exports, sandbox, output } = options;
  const argv = [join(buildpack.folder, 'bin/compile'), sourceFolder, cacheFolder, envFolder];
  const wrapped = exports.length === 0 ? argv : ['bash', '-c', withExports, 'bash', ...exports, '--', ...argv];
  const result = await runBuildCommand({ argv: wrapped, cwd: sourceFolder, output }, sandbox);
  if (result.exitCode === 0) return;
  if (result.outOfMemory) throw outOfMemory(sandbox.memoryBytes);
  throw new BuildFailed(
    'buildpack_failed',
    `Push rejected, failed to compile ${buildpack.name} app.\nThe buildpack ended with status ${result.exitCode}; what went wrong is above.`,
  );
};

/** Compiles with one buildpack and asks what the result needs. @throws BuildFailed */
export const runBuildpack = async (
  buildpack: DetectedBuildpack,
  options: RunBuildpackOptions,
): Promise<{ release: BuildpackRelease; exports: readonly string[] }> => {
  await compile(buildpack, options);
  const script = join(buildpack.folder, 'bin/release');
  const command = { argv: [script, options.sourceFolder], cwd: options.sourceFolder, output: options.output };
  const captured = (await exists(script))
    ? (await runBuildCommand({ ...command, capture: true }, options.sandbox)).captured
    : '';
  const exported = join(buildpack.folder, 'export');
  return {
    release: parseBuildpackRelease(captured, buildpack.label),
    exports: (await exists(exported)) ? [...options.exports, exported] : options.exports,
  };
};
