import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findProgram } from '../../scripts/find-program.ts';

/** Program and the Debian package that has it. */
const packages = {
  nginx: 'nginx',
  haproxy: 'haproxy',
  caddy: 'caddy',
  wrk: 'wrk',
  h2load: 'nghttp2-client',
  gunicorn: 'gunicorn',
} as const;

export type Program = keyof typeof packages;

/** Paths of programs, and what their environment needs. */
export interface Programs {
  path(program: Program): string;
  readonly env: NodeJS.ProcessEnv;
  /** Where Debian's Python modules are, on this machine and unpacked here. */
  readonly pythonPath: string;
}

/** Unpacked here rather than installed: Debian's packages would start their servers. */
const cache = join(homedir(), '.cache', 'ravine-bench');
const root = join(cache, 'root');

const find = (program: string): string | undefined =>
  findProgram([program], ['/usr/sbin', join(root, 'usr/sbin'), join(root, 'usr/bin')]);

const apt = (...args: string[]): void => {
  spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'] });
};

/** Downloads Debian's packages, with what they need and this machine lacks, and unpacks them into a folder of our own. */
const unpack = (names: readonly string[]): void => {
  if (!existsSync('/etc/debian_version')) return;
  process.stderr.write(`fetching ${names.join(', ')} from Debian into ${cache} (once) ...\n`);
  const archives = join(cache, 'archives');
  mkdirSync(join(archives, 'partial'), { recursive: true });
  if (process.getuid?.() === 0) apt('update', '-qq');
  const ours = ['-o', `Dir::Cache::archives=${archives}`, '-o', 'Debug::NoLocking=1'];
  apt('install', '-qq', '-y', '--download-only', '--no-install-recommends', ...ours, ...names);
  for (const file of readdirSync(archives)) {
    if (file.endsWith('.deb')) spawnSync('dpkg', ['-x', join(archives, file), root], { stdio: 'inherit' });
  }
};

const pythonFolders = ['/', root].map((from) => join(from, 'usr/lib/python3/dist-packages'));

/**
 * Sees to a Python module of Debian's.
 * @throws Error that says what to install where it can't be had
 */
export const ensurePythonModule = (module: string, debianPackage: string): void => {
  const there = (): boolean => pythonFolders.some((folder) => existsSync(join(folder, module)));
  if (!there()) unpack([debianPackage]);
  if (there()) return;
  throw new Error(`expected the Python module ${module}, found none; on Debian: apt-get install ${debianPackage}`);
};

/**
 * The machine's programs, else Debian's.
 * @throws Error that says what to install where one can't be had
 */
export const findPrograms = (wanted: readonly Program[]): Programs => {
  const missing = wanted.filter((program) => find(program) === undefined);
  if (missing.length > 0) unpack(missing.map((program) => packages[program]));
  const still = missing.filter((program) => find(program) === undefined);
  if (still.length > 0) {
    const names = still.map((program) => packages[program]).join(' ');
    throw new Error(
      `expected ${still.join(', ')} on this machine, found none; install them, on Debian: apt-get install ${names}`,
    );
  }
  const libraries = join(root, 'usr', 'lib', `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`);
  return {
    path: (program) => find(program) ?? program,
    pythonPath: pythonFolders.join(delimiter),
    env: { ...process.env, LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH ?? ''].join(':') },
  };
};
