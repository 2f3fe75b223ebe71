import { access } from 'node:fs/promises';
import { GitFailed, runGit } from './git-process.ts';

/** A branch as its last commit has it. */
export interface Branch {
  readonly name: string;
  readonly sha: string;
  readonly subject: string;
  readonly committedAt: Date;
}

const hasRepository = (repoFolder: string): Promise<boolean> =>
  access(`${repoFolder}/HEAD`).then(
    () => true,
    () => false,
  );

/** Branches of a repository, the one that was committed to last first; none when nothing was ever pushed. */
export const listBranches = async (repoFolder: string): Promise<readonly Branch[]> => {
  if (!(await hasRepository(repoFolder))) return [];
  const format = '--format=%(refname:strip=2)%00%(objectname)%00%(committerdate:iso-strict)%00%(contents:subject)';
  const output = await runGit([
    '--git-dir',
    repoFolder,
    'for-each-ref',
    '--sort=-committerdate',
    '--sort=refname',
    format,
    'refs/heads/',
  ]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', sha = '', committedAt = '', subject = ''] = line.split('\0');
      return { name, sha, subject, committedAt: new Date(committedAt) };
    });
};

/** What a person may call a commit: a branch, a tag or an id, without git's own ways to go on from there. */
const plainRef = /^(?!.*(?:\.\.|\/\/|@\{))[\w][\w./+@-]{0,199}$/;

/** The commit that a branch, a tag or an id (seven digits or more) names, looked for in this order; undefined when there is none. */
export const findCommit = async (repoFolder: string, ref: string): Promise<string | undefined> => {
  if (!plainRef.test(ref) || !(await hasRepository(repoFolder))) return undefined;
  const names = [`refs/heads/${ref}`, `refs/tags/${ref}`, ...(/^[0-9a-f]{7,64}$/.test(ref) ? [ref] : [])];
  for (const name of names) {
    const found = await runGit(['--git-dir', repoFolder, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`]).catch(
      (error: unknown) => {
        if (error instanceof GitFailed) return '';
        throw error;
      },
    );
    if (found !== '') return found.trim();
  }
  return undefined;
};
