import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGit } from './git-process.ts';

/** Where a commit is read from; `env` is a push's, so that objects still in quarantine are found. */
export interface CommitLocation {
  readonly repoFolder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly sha: string;
}

export interface Commit {
  readonly sha: string;
  /** Id of the commit's tree: equal trees hold equal files. */
  readonly treeId: string;
  readonly subject: string;
  readonly authorName: string;
  readonly authorEmail: string;
}

/** Reads a commit's identity and message. @throws GitFailed when there is no such commit. */
export const readCommit = async ({ repoFolder, env = {}, sha }: CommitLocation): Promise<Commit> => {
  const format = '--format=%H%x00%T%x00%s%x00%an%x00%ae';
  const output = await runGit(['--git-dir', repoFolder, 'log', '-1', '--no-show-signature', format, sha, '--'], {
    env,
  });
  const [id = sha, treeId = '', subject = '', authorName = '', authorEmail = ''] = output.trimEnd().split('\0');
  return { sha: id, treeId, subject, authorName, authorEmail };
};

/**
 * Writes a commit's files to a folder, which is made; submodules become empty folders.
 * Files are written as a checkout does it (line ends by .gitattributes, `export-ignore` has no say).
 */
export const exportTree = async (
  { repoFolder, env = {}, sha }: CommitLocation,
  toFolder: string,
  signal?: AbortSignal,
): Promise<void> => {
  await mkdir(toFolder, { recursive: true });
  const index = join(tmpdir(), `ravine-index-${randomUUID()}`);
  const options = { env: { ...env, GIT_INDEX_FILE: index, GIT_WORK_TREE: toFolder }, ...(signal && { signal }) };
  try {
    await runGit(['--git-dir', repoFolder, '-c', 'core.bare=false', 'read-tree', '--reset', '-u', sha], options);
  } finally {
    await rm(index, { force: true });
  }
};
