import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The version of our servers: an older pg_dump reads nothing of theirs. */
const version = 18;
const programs = ['psql', 'pg_dump', 'pg_restore', 'createdb'];
const cache = join(homedir(), '.cache', 'ravine', `postgres-client-${version}`);
const bin = join(cache, 'bin');

const isRecent = (): boolean => {
  const { stdout } = spawnSync('pg_dump', ['--version'], { encoding: 'utf8' });
  return Number(/(\d+)/.exec(stdout ?? '')?.[1] ?? 0) >= version;
};

/**
 * Folder to put before the PATH for psql, pg_dump and pg_restore of our servers' version; undefined where the machine's
 * own are recent enough. Debian's stable releases are behind, so that its testing ground's are taken.
 * Exits with a line that says what to install where they can't be had.
 */
export const ensurePostgresClient = (): string | undefined => {
  if (isRecent()) return undefined;
  if (!existsSync(bin) && existsSync('/etc/debian_version')) {
    process.stdout.write(`fetching postgresql-client-${version} from Debian into ${cache} (once) ...\n`);
    const work = `${cache}.new-${process.pid}`;
    fetchInto(work);
    if (existsSync(join(work, 'bin')) && !existsSync(cache)) renameSync(work, cache);
    rmSync(work, { recursive: true, force: true });
  }
  if (existsSync(bin)) return bin;
  process.stderr.write(`tests need pg_dump of PostgreSQL ${version}; put one on the PATH\n`);
  process.exit(1);
};

/** Where this machine's own packages of Debian come from. */
const mirror = (): string => {
  const asked = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'];
  const { stdout } = spawnSync('apt-get', asked, { encoding: 'utf8' });
  return (stdout ?? '').split('\n').find((uri) => /\/debian\/?$/.test(uri)) ?? '';
};

/** With package lists of our own, so that the machine's stay as they are, and nothing is installed. */
const fetchInto = (work: string): void => {
  for (const name of ['lists/partial', 'archives/partial']) mkdirSync(join(work, name), { recursive: true });
  writeFileSync(join(work, 'status'), '');
  const key = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(join(work, 'sources.list'), `deb [signed-by=${key}] ${mirror()} sid main\n`);
  const settings = [
    `Dir::Etc::sourcelist=${work}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${work}/lists`,
    `Dir::State::status=${work}/status`,
    `Dir::Cache::archives=${work}/archives`,
    ...['Dir::Cache::pkgcache=', 'Dir::Cache::srcpkgcache=', 'Debug::NoLocking=1', 'Acquire::Languages=none'],
  ].flatMap((setting) => ['-o', setting]);
  const apt = (...args: string[]) => spawnSync('apt-get', [...settings, '-qq', ...args], { stdio: 'ignore' });
  apt('update');
  apt('install', '-y', '--download-only', '--no-install-recommends', `postgresql-client-${version}`);
  for (const archive of globSync('archives/*.deb', { cwd: work, exclude: (name) => /perl/.test(name) })) {
    spawnSync('dpkg', ['-x', join(work, archive), join(work, 'root')], { stdio: 'ignore' });
  }
  for (const name of ['lists', 'archives']) rmSync(join(work, name), { recursive: true });
  const [loader] = globSync('usr/lib/*/ld-linux*.so.*', { cwd: join(work, 'root') });
  if (loader !== undefined) wrap(join(cache, 'root', loader), join(work, 'bin'));
};

/** Programs that run with the loader and the libraries that they were built for, which are beside each other. */
const wrap = (loader: string, folder: string): void => {
  mkdirSync(folder);
  for (const program of programs) {
    const real = join(cache, 'root', 'usr', 'lib', 'postgresql', String(version), 'bin', program);
    const path = join(folder, program);
    writeFileSync(path, `#!/bin/sh\nexec '${loader}' --library-path '${join(loader, '..')}' '${real}' "$@"\n`);
    chmodSync(path, 0o755);
  }
};
