/** `npm run check`: every static check, the same here and in CI. `-- --write` mends what can be mended. */
import { spawnSync } from 'node:child_process';
import { checkConfigurationDocument } from './check-configuration.ts';
import { checkHouse } from './check-house.ts';

const write = process.argv.includes('--write');

interface Check {
  readonly name: string;
  /** Problems, one a line; none when it holds. */
  readonly run: () => readonly string[];
}

const tool =
  (command: string, ...args: string[]) =>
  (): readonly string[] => {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    return status === 0
      ? []
      : [`${stdout ?? ''}${stderr ?? ''}`.trim() || `${command} could not be run; \`npm ci\` installs it`];
  };

const checks: readonly Check[] = [
  {
    name: 'biome (format, imports, lint)',
    run: tool('biome', 'check', ...(write ? ['--write'] : []), '--error-on-warnings', '.'),
  },
  { name: 'tsc (types)', run: tool('tsc', '--noEmit', '-p', '.') },
  { name: 'tsc (types of the dashboard)', run: tool('tsc', '--noEmit', '-p', 'packages/dashboard') },
  {
    name: 'oxlint (floating promises)',
    run: tool('oxlint', '--type-aware', 'packages', 'scripts', 'e2e', 'bench', 'examples'),
  },
  { name: 'knip (dead code)', run: tool('knip', '--no-progress') },
  { name: 'house (rooms, sizes, names)', run: checkHouse },
  { name: 'docs/configuration.md', run: () => checkConfigurationDocument(write) },
];

let failed = 0;
for (const { name, run } of checks) {
  const problems = run();
  process.stdout.write(
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}\n${problems.map((line) => `     ${line}\n`).join('')}`,
  );
  failed += problems.length === 0 ? 0 : 1;
}
process.exitCode = failed === 0 ? 0 : 1;
