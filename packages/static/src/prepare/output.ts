import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { lstat, mkdir, readFile, readlink, rename, rm, rmdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { workName } from '../find/find-files.ts';
import { isPlainName } from '../find/name.ts';
import { StaticError, systemCode } from '../static-error.ts';

/** Both lie in the root, so that a rename can't cross file systems; neither is served. */
const workFolder = '.static-collect';
const journalName = '.static-collect.json';

/**
 * A folder that is filled so that a kill at any moment leaves each file whole and nothing behind that the next run doesn't clear away:
 * files are written in a work folder and renamed; the names that a run may leave are in a journal before the first of them exists.
 */
export class Output {
  readonly #root: string;
  readonly #work: string;
  readonly #dry: boolean;
  /** Names of what is there that is no folder; saves asking the disk about each of the many that aren't. */
  readonly #there: Set<string>;
  #serial = 0;

  private constructor(root: string, dry: boolean) {
    this.#root = root;
    this.#work = join(root, workFolder);
    this.#dry = dry;
    this.#there = new Set(namesIn(root));
  }

  /** Every name below the root that is no folder. Links are names of their own: what they lead to isn't ours. */
  names(): readonly string[] {
    return [...this.#there];
  }

  /**
   * @param dry read only: what would be written or removed isn't
   * @throws StaticError `unwritable-target` when the folder can't be written to, or another run is filling it
   */
  static async open(root: string, dry = false): Promise<Output> {
    const output = new Output(root, dry);
    if (dry) return output;
    await output.#guard(root, async () => {
      await mkdir(root, { recursive: true });
      refuseWhileAnotherRuns(root, output.#work);
      await rm(output.#work, { recursive: true, force: true });
      await mkdir(output.#work);
      await writeFile(join(output.#work, 'pid'), String(process.pid));
    });
    return output;
  }

  /** Names that an earlier run may have left behind. */
  leftovers(): string[] {
    try {
      const names: unknown = JSON.parse(readFileSync(join(this.#root, journalName), 'utf8'));
      return Array.isArray(names) ? names.filter((name) => typeof name === 'string' && isPlainName(name)) : [];
    } catch {
      return []; // No run was cut off, or it had written nothing yet.
    }
  }

  /** Notes the names that this run will write or remove; before it does either. */
  async begin(names: readonly string[]): Promise<void> {
    await this.write(journalName, JSON.stringify([...new Set([...names, ...this.leftovers()])].sort()));
  }

  /** Puts a whole file in its place, or nothing. */
  async write(name: string, content: string | Buffer, mtimeMs?: number): Promise<void> {
    if (this.#dry) return;
    const path = join(this.#root, name);
    await this.#guard(path, async () => {
      const temporary = this.#temporary();
      await writeFile(temporary, content);
      if (mtimeMs !== undefined) await utimes(temporary, new Date(), mtimeMs / 1_000);
      await mkdir(dirname(path), { recursive: true });
      await rename(temporary, path);
      this.#there.add(name);
    });
  }

  /** Puts a link in its place. */
  async link(name: string, target: string): Promise<void> {
    if (this.#dry) return;
    const path = join(this.#root, name);
    await this.#guard(path, async () => {
      const temporary = this.#temporary();
      await symlink(target, temporary);
      await mkdir(dirname(path), { recursive: true });
      await rename(temporary, path);
      this.#there.add(name);
    });
  }

  /** Where a link leads, if there is one. */
  async linkTarget(name: string): Promise<string | undefined> {
    return this.#there.has(name) ? readlink(join(this.#root, name)).catch(() => undefined) : undefined;
  }

  /** Size and time of a file, if there is one that is no link. */
  async statsOf(name: string): Promise<{ readonly size: number; readonly mtimeMs: number } | undefined> {
    if (!this.#there.has(name)) return undefined;
    const stats = await lstat(join(this.#root, name)).catch(() => undefined);
    return stats?.isFile() ? stats : undefined;
  }

  async read(name: string): Promise<Buffer> {
    return readFile(join(this.#root, name));
  }

  /** Removes a file and the folders that it leaves empty; says whether it was there. */
  async remove(name: string): Promise<boolean> {
    if (!this.#there.has(name)) return false;
    if (this.#dry) return true;
    const path = join(this.#root, name);
    await this.#guard(path, () => rm(path, { force: true }));
    this.#there.delete(name);
    for (let folder = dirname(name); folder !== '.'; folder = dirname(folder)) {
      const emptied = await rmdir(join(this.#root, folder)).then(
        () => true,
        () => false,
      );
      if (!emptied) break;
    }
    return true;
  }

  /** Everything was done: nothing is left to clear away. */
  async finish(): Promise<void> {
    if (this.#dry) return;
    await this.#guard(this.#root, async () => {
      await rm(join(this.#root, journalName), { force: true });
      await this.abandon();
    });
  }

  /** Lets another run take over. */
  async abandon(): Promise<void> {
    if (this.#dry) return;
    await rm(this.#work, { recursive: true, force: true });
  }

  #temporary(): string {
    return join(this.#work, String(this.#serial++));
  }

  async #guard<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
    try {
      return await act();
    } catch (cause) {
      if (cause instanceof StaticError || systemCode(cause) === '') throw cause;
      throw new StaticError(
        'unwritable-target',
        `${path} can't be written (${systemCode(cause)}); ${advice(systemCode(cause))}`,
        { cause },
      );
    }
  }
}

const namesIn = (root: string): string[] =>
  statSync(root, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)))
        .filter((name) => !workName.test(name))
    : [];

const advice = (code: string): string =>
  ({
    ENOSPC: 'make room on the disk',
    EDQUOT: 'make room on the disk',
    EISDIR: 'a folder is in its place; remove it, or collect with --clear',
    ENOTEMPTY: 'a folder is in its place; remove it, or collect with --clear',
    EEXIST: 'a file is where a folder should be; remove it, or collect with --clear',
    ENOTDIR: 'a file is where a folder should be; remove it, or collect with --clear',
  })[code] ?? 'choose another root, or allow this user to write there';

const refuseWhileAnotherRuns = (root: string, work: string): void => {
  if (!existsSync(join(work, 'pid'))) return;
  const pid = Number(readFileSync(join(work, 'pid'), 'utf8'));
  if (!Number.isSafeInteger(pid) || pid <= 1 || pid === process.pid) return;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return;
  }
  throw new StaticError(
    'unwritable-target',
    `another collectstatic (process ${pid}) is filling ${root}; wait until it has ended, or remove ${work} if it isn't one`,
  );
};
