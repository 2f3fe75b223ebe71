import { openSync } from 'node:fs';

const mode = 0o640;

/**
 * Opens a log file to append to it.
 * @throws Error when it can't be opened, saying what was expected and got.
 */
export const openLog = (path: string): number => {
  try {
    return openSync(path, 'a', mode);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new Error(
      `expected to open the log file ${path}, got ${code}; name a file that this user may write, or make its folder`,
      { cause },
    );
  }
};
