import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { DriverError } from '../../driver-error.ts';

/** The programs and scripts that a dyno is started with, by absolute path. */
export interface ShimFiles {
  readonly sh: string;
  /** bash, or sh where there is none. */
  readonly shell: string;
  readonly cat: string;
  readonly sleep: string;
  readonly setpriv: string | undefined;
  readonly shim: string;
  readonly launch: string;
}

const findProgram = (name: string): string | undefined =>
  ['/bin', '/usr/bin', '/usr/local/bin', ...(process.env.PATH ?? '').split(delimiter)]
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

const needProgram = (name: string): string => {
  const file = findProgram(name);
  if (file === undefined) throw new DriverError(`Expected the program ${name} in PATH, found none; install it.`);
  return file;
};

/** Copies a script to where every dyno's uid may read it, which our sources may not be. */
const publish = async (folder: string, name: string): Promise<string> => {
  const file = join(folder, name);
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, await readFile(new URL(name, import.meta.url)), { mode: 0o644 });
  await rename(temporary, file);
  return file;
};

/** @throws DriverError when the system lacks a program that dynos need. */
export const makeShimFiles = async (folder: string): Promise<ShimFiles> => {
  const scripts = join(folder, '.shim');
  await mkdir(scripts, { recursive: true, mode: 0o755 });
  const sh = needProgram('sh');
  return {
    sh,
    shell: findProgram('bash') ?? sh,
    cat: needProgram('cat'),
    sleep: needProgram('sleep'),
    setpriv: findProgram('setpriv'),
    shim: await publish(scripts, 'shim.sh'),
    launch: await publish(scripts, 'launch.sh'),
  };
};
