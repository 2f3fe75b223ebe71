/** `npm run bench -- NAME [--json] [options]`, see README.md: prints a table; with `--json` the last line is one JSON object. */
import { parseArgs } from 'node:util';
import { cutOff, type Result, tableOf } from './result.ts';

const refuse = (message: string): never => {
  process.stderr.write(`${message}; try: npm run bench -- boot\n`);
  process.exit(2);
};

const parse = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        rate: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        /** Of `deploy`; buildpacks unless told. */
        stack: { type: 'string', default: 'heroku-24' },
        times: { type: 'string' },
      },
    });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
};
const { values: options, positionals } = parse();

const count = (name: 'rate' | 'rounds' | 'seconds' | 'times', usual: number): number => {
  const value = Number(options[name] ?? usual);
  if (Number.isInteger(value) && value > 0) return value;
  return refuse(`expected --${name} to be a whole number from 1, got "${options[name]}"`);
};
const load = () => ({ rate: count('rate', 200), seconds: count('seconds', 30), times: count('times', 20) });

const { stack } = options;
if (stack !== 'heroku-24' && stack !== 'container') {
  refuse(`expected --stack heroku-24 or --stack container, got ${stack}`);
}

const benchmarks: Readonly<Record<string, () => Promise<Result>>> = {
  addons: async () =>
    (await import('./addons.ts')).addons({
      only: options.only.split(',').filter(Boolean),
      rounds: count('rounds', 3),
      seconds: count('seconds', 2),
    }),
  boot: async () => (await import('./boot.ts')).boot(),
  'build-load': async () =>
    (await import('./build-load.ts')).buildLoad({
      only: options.only.split(',').filter(Boolean),
      rounds: count('rounds', 3),
      seconds: count('seconds', 6),
    }),
  dashboard: async () => (await import('./dashboard.ts')).dashboard(),
  databases: async () => (await import('./databases.ts')).databases(count('times', 10)),
  deploy: async () =>
    stack === 'container'
      ? (await import('./deploy-container.ts')).deployContainer()
      : (await import('./deploy.ts')).deploy(),
  deploys: async () => (await import('./under-load.ts')).deploys(load()),
  idle: async () => (await import('./idle.ts')).idle(),
  kills: async () => (await import('./under-load.ts')).kills(load()),
  logs: async () => (await import('./logs.ts')).logs(),
  prefork: async () => (await import('./prefork.ts')).prefork(),
  router: async () =>
    (await import('./router.ts')).router({
      only: options.only.split(',').filter(Boolean),
      rounds: count('rounds', 5),
      seconds: count('seconds', 3),
    }),
  'router-churn': async () =>
    (await import('./router-churn.ts')).routerChurn({ rounds: count('rounds', 3), seconds: count('seconds', 10) }),
  'router-memory': async () => (await import('./router-memory.ts')).routerMemory(),
  static: async () =>
    (await import('./static.ts')).staticFileServers({ rounds: count('rounds', 5), seconds: count('seconds', 2) }),
};

const [name = '', ...others] = positionals;
const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
if (benchmark === undefined || others.length > 0) {
  refuse(`expected one of ${Object.keys(benchmarks).join(', ')}, got "${[name, ...others].join(' ')}"`);
} else {
  const result = await benchmark().catch((error: Error) => {
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exit(1);
  });
  process.stdout.write(`\n${name}\n\n${tableOf(result)}`);
  if (options.json) {
    const values = Object.entries(result.values).map(([key, value]) => [key, cutOff(value)]);
    process.stdout.write(`${JSON.stringify({ benchmark: name, ...Object.fromEntries(values) })}\n`);
  }
}
