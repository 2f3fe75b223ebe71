import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['redis-server', 'valkey-server'];
const usual = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * The machine's server program.
 * @param path where to look first, as in PATH
 * @throws Error that says what to install when there is none.
 */
export const findProgram = (path = process.env.PATH ?? '', folders: readonly string[] = usual): string => {
  const found = [...path.split(delimiter), ...folders]
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return file.startsWith('/');
      } catch {
        return false;
      }
    });
  if (found !== undefined) return found;
  throw new Error(
    'Heroku Data for Redis needs redis-server or valkey-server on this machine, and neither was found. Install the package redis-server or valkey-server (Debian and Ubuntu: apt-get install redis-server), then create the add-on again.',
  );
};
