import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runGit } from './git-process.ts';

/** Deletions of the deployed branch are refused by the hook, which can explain it. */
const settings = [
  ['receive.denyNonFastForwards', 'false'],
  ['receive.denyDeletes', 'false'],
  ['receive.denyDeleteCurrent', 'ignore'],
  ['receive.shallowUpdate', 'true'],
  ['receive.autogc', 'true'],
  ['receive.advertisePushOptions', 'false'],
  ['transfer.fsckObjects', 'false'],
  ['uploadpack.allowFilter', 'true'],
  ['gc.auto', '2000'],
  ['gc.autoPackLimit', '20'],
  ['gc.pruneExpire', '2.weeks.ago'],
  ['core.logAllRefUpdates', 'false'],
] as const;

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Makes the app's bare repository unless it is there; two callers at once make one. */
export const ensureRepository = async (repoFolder: string): Promise<void> => {
  if (await exists(`${repoFolder}/HEAD`)) return;
  await mkdir(dirname(repoFolder), { recursive: true, mode: 0o700 });
  const draft = `${repoFolder}.${randomUUID()}.tmp`;
  try {
    await runGit(['init', '--bare', '--quiet', '--initial-branch=main', '--template=', draft]);
    for (const [key, value] of settings) await runGit(['--git-dir', draft, 'config', key, value]);
    await rename(draft, repoFolder).catch(async (error: unknown) => {
      if (!(await exists(`${repoFolder}/HEAD`))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};
