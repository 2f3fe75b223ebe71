import { execFile } from 'node:child_process';

/** git said no; `message` is its own last words. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
}

const maxOutputBytes = 64 * 1024 * 1024;

/** Variables that let git work; nothing else of Ravine's own environment reaches it. */
export const gitEnv = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  ...extra,
});

/** Runs git to its end and returns what it printed. @throws GitFailed with git's message. */
export const runGit = (
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; signal?: AbortSignal } = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(
      'git',
      [...args],
      { env: gitEnv(options.env), maxBuffer: maxOutputBytes, ...(options.signal && { signal: options.signal }) },
      (error, stdout, stderr) => {
        if (!error) resolve(stdout);
        else if (error.name === 'AbortError') reject(error);
        else reject(new GitFailed(stderr.trim() || error.message, { cause: error }));
      },
    );
  });
