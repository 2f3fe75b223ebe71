/** `npm run bench -- NAME [--json] [options of that benchmark]`: prints a table; with `--json` the last line is one JSON object. */
import { parseArgs } from 'node:util';
import { type Result, rounded, tableOf } from './result.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    /** Of `deploy`; buildpacks unless told. */
    stack: { type: 'string', default: 'heroku-24' },
  },
});

const count = (name: 'rounds' | 'seconds'): number => {
  const value = Number(options[name]);
  if (Number.isInteger(value) && value > 0) return value;
  process.stderr.write(`expected --${name} to be a whole number from 1, got "${options[name]}"\n`);
  process.exit(2);
};

const benchmarks: Readonly<Record<string, () => Promise<Result>>> = {
  boot: async () => (await import('./boot.ts')).boot(),
  deploy: async () =>
    stack === 'container'
      ? (await import('./deploy-container.ts')).deployContainer()
      : (await import('./deploy.ts')).deploy(),
  idle: async () => (await import('./idle.ts')).idle(),
  kills: async () => (await import('./kills.ts')).kills(),
  logs: async () => (await import('./logs.ts')).logs(),
  router: async () =>
    (await import('./router.ts')).router({
      only: options.only.split(',').filter(Boolean),
      rounds: count('rounds'),
      seconds: count('seconds'),
    }),
};

const [name = '', ...others] = positionals;
const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
if (benchmark === undefined || others.length > 0) {
  process.stderr.write(
    `expected one of ${Object.keys(benchmarks).join(', ')}, got "${[name, ...others].join(' ')}"; try: npm run bench -- boot\n`,
  );
  process.exit(2);
}
const { stack } = options;
if (stack !== 'heroku-24' && stack !== 'container') {
  process.stderr.write(`expected --stack heroku-24 or --stack container, got ${stack}\n`);
  process.exit(2);
}
const result = await benchmark();
process.stdout.write(`\n${name}\n\n${tableOf(result)}`);
if (options.json) {
  const values = Object.entries(result.values).map(([key, value]) => [key, rounded(value)]);
  process.stdout.write(`${JSON.stringify({ benchmark: name, ...Object.fromEntries(values) })}\n`);
}
