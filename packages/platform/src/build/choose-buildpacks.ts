import { join } from 'node:path';
import { BuildFailed } from './build-failed.ts';
import type { BuildOutput } from './build-output.ts';
import { type BuildSandbox, runBuildCommand } from './build-process.ts';
import { builtinBuildpacks } from './buildpack-source.ts';
import { type FetchedBuildpack, fetchBuildpack } from './fetch-buildpack.ts';

export interface DetectedBuildpack extends FetchedBuildpack {
  /** As its bin/detect calls the app: "Node.js". */
  readonly name: string;
}

export interface ChooseOptions {
  /** Empty: the first built-in one that accepts the source. */
  readonly buildpacks: readonly string[];
  readonly sourceFolder: string;
  /** Gets one folder for each buildpack. */
  readonly toFolder: string;
  readonly cacheFolder: string;
  readonly sandbox: BuildSandbox;
  readonly output: BuildOutput;
}

const detect = async (buildpack: FetchedBuildpack, options: ChooseOptions): Promise<DetectedBuildpack | undefined> => {
  const argv = [join(buildpack.folder, 'bin/detect'), options.sourceFolder];
  const command = { argv, cwd: options.sourceFolder, output: options.output, capture: true };
  const { exitCode, captured } = await runBuildCommand(command, options.sandbox);
  const name = captured.trim().split('\n')[0] || buildpack.label;
  return exitCode === 0 ? { ...buildpack, name } : undefined;
};

const fetchNumbered = (label: string, index: number, options: ChooseOptions): Promise<FetchedBuildpack> =>
  fetchBuildpack({
    label,
    toFolder: join(options.toFolder, String(index)),
    cacheFolder: options.cacheFolder,
    sandbox: options.sandbox,
    output: options.output,
  });

const detectBuiltin = async (options: ChooseOptions): Promise<DetectedBuildpack[]> => {
  options.output.header('Determining which buildpack to use for this app');
  for (const [index, name] of builtinBuildpacks.entries()) {
    const found = await detect(await fetchNumbered(`heroku/${name}`, index, options), options);
    if (found) return [found];
  }
  throw new BuildFailed(
    'no_language_detected',
    [
      'No default language could be detected for this app.',
      '',
      'None of the built-in buildpacks (Node.js, Python, static site, bare Procfile) knows this source. Looked for',
      'package.json, requirements.txt, pyproject.toml, static.json, index.html and Procfile at the top of the repository.',
      'Commit one of them, or name a buildpack: heroku buildpacks:set URL',
    ].join('\n'),
  );
};

const announce = ({ buildpacks, output }: ChooseOptions): void => {
  if (buildpacks.length === 1) output.header(`Using buildpack: ${buildpacks[0]}`);
  else {
    output.header('Using buildpacks:');
    for (const [index, label] of buildpacks.entries()) output.line(`${index + 1}. ${label}`);
  }
};

/**
 * Fetches the buildpacks that are to be used. With several, whether one accepts the source is asked just before its
 * turn, through `accepts`, since an earlier one may prepare it.
 */
export const chooseBuildpacks = async (options: ChooseOptions): Promise<readonly FetchedBuildpack[]> => {
  if (options.buildpacks.length === 0) return detectBuiltin(options);
  announce(options);
  const fetched: FetchedBuildpack[] = [];
  for (const [index, label] of options.buildpacks.entries()) fetched.push(await fetchNumbered(label, index, options));
  return fetched;
};

/** Asks a buildpack whether it accepts the source. @throws BuildFailed `buildpack_not_applicable` */
export const accept = async (buildpack: FetchedBuildpack, options: ChooseOptions): Promise<DetectedBuildpack> => {
  const found = await detect(buildpack, options);
  if (found) return found;
  throw new BuildFailed(
    'buildpack_not_applicable',
    [
      `Push rejected, failed to detect set buildpack ${buildpack.label}`,
      'Expected files that this buildpack looks for, found none of them at the top of the repository.',
      'Commit them, or choose another buildpack: heroku buildpacks:set URL (heroku buildpacks:clear to detect one).',
    ].join('\n'),
  );
};
