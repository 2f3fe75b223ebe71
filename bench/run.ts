/** `npm run bench -- NAME [--json] [--stack container]`: prints a table; with `--json` the last line is one JSON object. */
import { type Result, rounded, tableOf } from './result.ts';

const args = process.argv.slice(2);
const stackAt = args.indexOf('--stack');
/** Of `deploy`; buildpacks unless told. */
const stack = stackAt === -1 ? 'heroku-24' : args.splice(stackAt, 2)[1];

const benchmarks: Readonly<Record<string, () => Promise<Result>>> = {
  boot: async () => (await import('./boot.ts')).boot(),
  deploy: async () =>
    stack === 'container'
      ? (await import('./deploy-container.ts')).deployContainer()
      : (await import('./deploy.ts')).deploy(),
  idle: async () => (await import('./idle.ts')).idle(),
  kills: async () => (await import('./kills.ts')).kills(),
  logs: async () => (await import('./logs.ts')).logs(),
};

const [name = '', ...others] = args.filter((arg) => !arg.startsWith('--'));
const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
if (benchmark === undefined || others.length > 0) {
  process.stderr.write(
    `expected one of ${Object.keys(benchmarks).join(', ')}, got "${[name, ...others].join(' ')}"; try: npm run bench -- boot\n`,
  );
  process.exit(2);
}
if (stack !== 'heroku-24' && stack !== 'container') {
  process.stderr.write(`expected --stack heroku-24 or --stack container, got ${stack ?? 'nothing'}\n`);
  process.exit(2);
}
const result = await benchmark();
process.stdout.write(`\n${name}\n\n${tableOf(result)}`);
if (process.argv.includes('--json')) {
  const values = Object.entries(result.values).map(([key, value]) => [key, rounded(value)]);
  process.stdout.write(`${JSON.stringify({ benchmark: name, ...Object.fromEntries(values) })}\n`);
}
