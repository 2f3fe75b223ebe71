import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../files/write-durably.ts';
import { openedExtensions } from './opened-extensions.data.ts';
import { removeUnfinished, unfinishedName } from './unfinished.ts';

/**
 * Makes, once, a folder with copies of those extensions' files that a database's own role is to be able to make: marked
 * as trusted, and their last scripts followed by what makes them of use. Servers look there before their own folder.
 * @param share the server's own `share` folder
 * @returns the folder, as `extension_control_path` takes it
 * @see PostgreSQL documentation, "Packaging Related Objects into an Extension", on `trusted` and `@extowner@`
 */
export const makeExtensionFolder = async (share: string, version: string, parent: string): Promise<string> => {
  const digest = createHash('sha256').update(JSON.stringify(openedExtensions)).digest('hex').slice(0, 8);
  const folder = join(parent, `extensions-${version}-${digest}`);
  if (await lstat(folder).catch(() => undefined)) return folder;
  await mkdir(parent, { recursive: true, mode: 0o755 });
  await removeUnfinished(folder);
  const fresh = unfinishedName(folder);
  await mkdir(join(fresh, 'extension'), { recursive: true, mode: 0o755 });
  const source = join(share, 'extension');
  const files = await readdir(source);
  for (const [name, statements] of Object.entries(openedExtensions)) {
    const control = await readFile(join(source, `${name}.control`), 'utf8').catch(() => undefined);
    if (control === undefined) continue; // not of this version
    const last = /^default_version = '([^']+)'/m.exec(control)?.[1] ?? '';
    await place(join(fresh, 'extension', `${name}.control`), `${control}\ntrusted = true\n`);
    for (const file of files.filter((one) => one.startsWith(`${name}--`))) {
      const script = await readFile(join(source, file), 'utf8');
      const added = file.endsWith(`--${last}.sql`) ? `\n${statements.join('\n')}\n` : '';
      await place(join(fresh, 'extension', file), `${script}${added}`);
    }
  }
  await chmod(join(fresh, 'extension'), 0o755);
  await chmod(fresh, 0o755);
  await rename(fresh, folder).catch(async (error: unknown) => {
    await rm(fresh, { recursive: true, force: true });
    // Another process has made it meanwhile.
    if (!(await lstat(folder).catch(() => undefined))) throw error;
  });
  await syncFolder(parent);
  return folder;
};

/** Readable for the users of all servers. */
const place = async (path: string, text: string): Promise<void> => {
  await writeFile(path, text, { flush: true });
  await chmod(path, 0o644);
};
