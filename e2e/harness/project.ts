import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Outcome, Shell } from './shell.ts';

/** An app's source in a git checkout of the user's. */
export interface Project {
  readonly folder: string;
  git(...args: string[]): Promise<Outcome>;
  heroku(...args: string[]): Promise<Outcome>;
  /** Writes files and commits them, and all else that has changed. @returns the commit's id */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
}

/** Makes a folder with a git repository in the user's working folder. */
export const newProject = async (shell: Shell, name: string): Promise<Project> => {
  const folder = join(shell.folder, name);
  await mkdir(folder);
  const git: Project['git'] = (...args) => shell.run('git', args, { cwd: folder });
  const done = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await git(...args);
    if (status !== 0) throw new Error(`git ${args.join(' ')} ended with status ${status}: ${stderr}`);
    return stdout.trim();
  };
  await done('init', '--quiet');
  return {
    folder,
    git,
    heroku: (...args) => shell.run('heroku', args, { cwd: folder }),
    async commit(files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      await done('add', '--all');
      await done('commit', '--quiet', '--message', `Change ${Object.keys(files).join(', ')}`);
      return done('rev-parse', 'HEAD');
    },
  };
};
