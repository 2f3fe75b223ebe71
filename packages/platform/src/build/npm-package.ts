import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { maxSatisfying, satisfies } from 'semver';
import { BuildFailed } from './build-failed.ts';

const run = promisify(execFile);
const versionsKeptMs = 60 * 60 * 1000;
const maxOutputBytes = 64 * 1024 * 1024;

interface Known {
  readonly atMs: number;
  readonly versions: Promise<readonly string[]>;
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** The folder of this machine's npm, or undefined where there is none on PATH. */
export const findMachineNpm = async (): Promise<string | undefined> => {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = await realpath(join(folder, 'npm')).catch(() => undefined);
    if (file?.endsWith('/bin/npm-cli.js')) return dirname(dirname(file));
  }
  return undefined;
};

/** Runs this machine's npm with Ravine's own npm settings (registry, proxies, credentials). */
export const runMachineNpm = async (args: readonly string[], signal?: AbortSignal): Promise<string> => {
  const folder = await findMachineNpm();
  if (!folder) throw new Error('Expected npm on PATH to ask the package registry, found none. Install npm.');
  const npm = join(folder, 'bin', 'npm-cli.js');
  const options = { maxBuffer: maxOutputBytes, ...(signal && { signal }) };
  return (await run(process.execPath, [npm, ...args], options)).stdout;
};

/** Interpreters and tools that come as npm packages, each version unpacked once and shared by all apps. */
export class NpmPackages {
  readonly #folder: string;
  readonly #known = new Map<string, Known>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async #installed(name: string): Promise<string[]> {
    const prefix = `${name.replace('/', '+')}@`;
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
  }

  #published(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const known = this.#known.get(name);
    if (known && Date.now() - known.atMs < versionsKeptMs) return known.versions;
    // npm prints a bare string where there is only one version.
    const versions = runMachineNpm(['view', name, 'versions', '--json'], signal).then((text) =>
      [JSON.parse(text) as string | string[]].flat(),
    );
    this.#known.set(name, { atMs: Date.now(), versions });
    versions.catch(() => this.#known.delete(name));
    return versions;
  }

  /** The newest published version in a range; without the registry, the newest that is already here. */
  async resolve(name: string, range: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      return maxSatisfying([...(await this.#published(name, signal))], range) ?? undefined;
    } catch (cause) {
      signal.throwIfAborted();
      const found = maxSatisfying(await this.#installed(name), range);
      if (found) return found;
      throw new BuildFailed(
        'runtime_unavailable',
        `Expected to find "${name}" (${range}) in the package registry, but it could not be asked. Try again, or check the npm settings of this server.`,
        { cause },
      );
    }
  }

  /**
   * Unpacks the newest version in a range, unless it is here.
   * @returns its folder, with package.json at the top
   * @throws BuildFailed `runtime_unavailable`
   */
  async ensure(name: string, range: string, signal: AbortSignal): Promise<{ folder: string; version: string }> {
    const version = await this.resolve(name, range, signal);
    if (!version) {
      throw new BuildFailed(
        'runtime_unavailable',
        `Expected a published version of "${name}" that satisfies "${range}", found none. Change the range in package.json.`,
      );
    }
    const folder = join(this.#folder, `${name.replace('/', '+')}@${version}`);
    if (!(await exists(folder))) await this.#install(name, version, folder, signal);
    return { folder, version };
  }

  async #install(name: string, version: string, folder: string, signal: AbortSignal): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o755 });
    const draft = join(this.#folder, `.${randomUUID()}`);
    const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--force', '--loglevel=error'];
    try {
      await mkdir(draft);
      await runMachineNpm(['install', `--prefix=${draft}`, ...flags, `${name}@${version}`], signal);
      await rename(join(draft, 'node_modules', name), folder).catch(async (error: unknown) => {
        if (!(await exists(folder))) throw error;
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new BuildFailed('runtime_unavailable', `Could not install ${name} ${version} from the package registry.`, {
        cause,
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
}

/** Whether a version is in a range; a range that is none matches nothing. */
export const isInRange = (version: string, range: string): boolean => satisfies(version, range);
