import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, chown, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { BuildFailed } from './build-failed.ts';
import { type BuildSandbox, runBuildCommand } from './build-process.ts';
import { type BuildpackSource, parseBuildpackSource } from './buildpack-source.ts';

/** A buildpack's own copy for one build, which its scripts may write to. */
export interface FetchedBuildpack {
  /** As the user wrote it. */
  readonly label: string;
  readonly source: BuildpackSource;
  readonly folder: string;
}

export interface FetchOptions {
  readonly label: string;
  readonly toFolder: string;
  readonly cacheFolder: string;
  readonly sandbox: BuildSandbox;
  readonly output: Writable;
}

const builtinFolder = fileURLToPath(new URL('../../buildpacks', import.meta.url));
const downloadTimeoutMs = 60_000;

// Everything that reads the user's URL or folder runs as the app's user: it may see no more than the app may.
const gitScript = `
set -e
[ -d "$1" ] || git init -q --bare "$1"
git --git-dir "$1" fetch -q --depth 1 --force "$2" "$3:refs/ravine/head"
git --git-dir "$1" --work-tree "$4" -c core.bare=false -c advice.detachedHead=false checkout -q -f refs/ravine/head -- .
`;

const unavailable = (label: string, reason: string, cause?: unknown): BuildFailed =>
  new BuildFailed('buildpack_unavailable', `Could not fetch the buildpack ${label}: ${reason}`, { cause });

const runFetch = async (options: FetchOptions, argv: readonly string[]): Promise<void> => {
  const lines = new PassThrough();
  const text = lines.toArray();
  const { exitCode } = await runBuildCommand({ argv, cwd: options.toFolder, output: lines }, options.sandbox);
  lines.end();
  if (exitCode !== 0)
    throw unavailable(
      options.label,
      Buffer.concat(await text)
        .toString('utf8')
        .trim(),
    );
};

const download = async (url: string, file: string, options: FetchOptions): Promise<void> => {
  const signal = AbortSignal.any([options.sandbox.signal, AbortSignal.timeout(downloadTimeoutMs)]);
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || !response.body) throw new Error(`expected status 200, got ${response.status}.`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(file, { mode: 0o644 }), { signal });
  } catch (cause) {
    options.sandbox.signal.throwIfAborted();
    throw unavailable(options.label, cause instanceof Error ? cause.message : String(cause), cause);
  }
};

const fetchInto = async (source: BuildpackSource, options: FetchOptions): Promise<void> => {
  const { toFolder, cacheFolder } = options;
  switch (source.kind) {
    case 'builtin':
      return cp(join(builtinFolder, source.name), toFolder, { recursive: true });
    case 'folder':
      return runFetch(options, ['cp', '-R', `${source.folder}/.`, toFolder]);
    case 'git': {
      const clone = join(cacheFolder, createHash('sha256').update(source.url).digest('hex').slice(0, 16));
      return runFetch(options, ['sh', '-c', gitScript, 'sh', clone, source.url, source.ref, toFolder]);
    }
    case 'tarball': {
      const file = `${toFolder}.tgz`;
      await download(source.url, file, options);
      return runFetch(options, ['tar', '-xzf', file, '-C', toFolder, '--no-same-owner']);
    }
  }
};

/** Puts a buildpack into an empty folder. @throws BuildFailed `buildpack_unavailable` */
export const fetchBuildpack = async (options: FetchOptions): Promise<FetchedBuildpack> => {
  const source = parseBuildpackSource(options.label);
  if (!source) {
    throw unavailable(
      options.label,
      'expected heroku/nodejs, heroku/python, heroku/static, heroku/procfile, a git or .tgz URL, or an absolute folder.',
    );
  }
  const { uid } = options.sandbox;
  for (const folder of [options.toFolder, options.cacheFolder]) {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    if (uid !== undefined) await chown(folder, uid, uid);
  }
  await fetchInto(source, options);
  await access(join(options.toFolder, 'bin/compile')).catch((cause: unknown) => {
    throw unavailable(options.label, 'it has no bin/compile. Expected a buildpack of the classic kind.', cause);
  });
  return { label: options.label, source, folder: options.toFolder };
};
