import { BuildFailed } from './build-failed.ts';

const declaration = /^([A-Za-z0-9_-]{1,128})\s*:\s*(.+)$/;

/**
 * Reads process types and their commands; of a type declared twice the last counts. Dev Center "The Procfile".
 * @throws BuildFailed `invalid_procfile`, naming the line
 */
export const parseProcfile = (text: string): Record<string, string> => {
  const types: Record<string, string> = {};
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, type, command] = declaration.exec(line) ?? [];
    if (!type || !command) {
      throw new BuildFailed(
        'invalid_procfile',
        `Procfile, line ${index + 1}: expected TYPE: COMMAND with a type of letters, digits, "-" and "_", got ${JSON.stringify(line.slice(0, 80))}.`,
      );
    }
    Object.defineProperty(types, type, { value: command.trim(), enumerable: true, configurable: true, writable: true });
  }
  return types;
};
