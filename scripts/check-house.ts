import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const platform = 'packages/platform/src/';
const mostLines = 400;

/**
 * The map of docs/architecture.md: each line of its fenced block `rooms` is `room -> rooms it may import`.
 * A room may always import itself.
 */
const readMap = (): ReadonlyMap<string, ReadonlySet<string>> => {
  const block = /```rooms\n([\s\S]*?)```/.exec(readFileSync('docs/architecture.md', 'utf8'))?.[1] ?? '';
  return new Map(
    block
      .split('\n')
      .filter((line) => line.includes('->'))
      .map((line) => {
        const [room = '', allowed = ''] = line.split('->').map((part) => part.trim());
        return [room, new Set(allowed.split(/\s+/).filter((name) => name !== '-'))];
      }),
  );
};

const importedFiles = (file: string, text: string): string[] =>
  [...text.matchAll(/(?:from|import\()\s*'(\.{1,2}\/[^']+)'/g)].map((match) =>
    normalize(join(dirname(file), match[1] ?? '')),
  );

const roomOf = (file: string): string | undefined =>
  file.startsWith(platform) ? file.slice(platform.length).split('/')[0] : undefined;

/** Apps are as their users would write them. */
const isShipped = (file: string): boolean =>
  file.startsWith('packages/') && !isOfTests(file) && !file.includes('/fixtures/');

const isOfTests = (file: string): boolean => /\.test\.ts$|\.fixture\.ts$|\/testing\//.test(file);

/** What breaks the house's rules: an import against the map, a file too long, an attic, work left open. */
export const checkHouse = (): readonly string[] => {
  const map = readMap();
  const problems: string[] = [];
  const files = globSync('{packages,scripts,e2e,bench,examples}/**/*.ts', {
    exclude: (path) => path.includes('node_modules'),
  });
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const lines = text.split('\n').length;
    if (lines > mostLines && !file.endsWith('.data.ts'))
      problems.push(`${file}: ${lines} lines; split it (at most ${mostLines})`);
    if (/(^|\/)(utils?|helpers?|common|misc|types)(\.ts|\/)/.test(file))
      problems.push(`${file}: name it for the noun or verb it holds`);
    if (isShipped(file) && /^import (?!type\b)[^;]* from 'node:http';$/m.test(text)) {
      problems.push(
        `${file}: take node:http by process.getBuiltinModule; an import makes Node load its WebSocket, 15 MB in each process`,
      );
    }
    const room = roomOf(file);
    if (room === undefined || isOfTests(file)) continue;
    const allowed = map.get(room);
    if (allowed === undefined) {
      problems.push(`${file}: room "${room}" is not in the map of docs/architecture.md`);
      continue;
    }
    for (const target of importedFiles(file, text).map(roomOf)) {
      if (target !== undefined && target !== room && !allowed.has(target)) {
        problems.push(`${file}: ${room} must not import ${target} (map in docs/architecture.md)`);
      }
    }
  }
  return problems;
};
