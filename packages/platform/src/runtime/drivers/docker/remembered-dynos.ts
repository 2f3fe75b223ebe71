import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DynoStatus } from '../../driver.ts';

const fileName = 'status.json';

/** Notes a dyno that runs in its folder, for a time when the engine can't be asked. */
export const rememberDyno = async (folder: string, status: DynoStatus): Promise<void> => {
  const file = join(folder, status.id, fileName);
  await mkdir(join(folder, status.id), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, JSON.stringify(status), { mode: 0o600 });
  await rename(`${file}.new`, file);
};

/** The dynos that ran when the engine was last there: the folder of one that has been removed is gone. */
export const rememberedDynos = async (folder: string): Promise<readonly DynoStatus[]> => {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name, fileName), 'utf8').catch(() => undefined);
      // Cast: only `rememberDyno` writes these files, whole.
      return text === undefined ? [] : [JSON.parse(text) as DynoStatus];
    }),
  );
  return found.flat();
};
