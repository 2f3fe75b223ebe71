/**
 * `npm test`: the tests, with what they need. `-- NAME...` runs only the files whose path contains a NAME; `-- --all` also
 * the stories that are only told on demand, and says so where it leaves them out.
 * A few files at a time, each story with a platform of its own; those that others would disturb run alone.
 */
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run as runTests } from 'node:test';
import { ensureChromium } from './chromium.ts';
import { ensureDashboard } from './dashboard.ts';
import { ensurePrograms } from './debian-programs.ts';
import { ensureEngine } from './engine.ts';
import { installHerokuCli } from './heroku-cli.ts';
import { runInOpenCheckout } from './open-checkout.ts';
import { ensurePebble } from './pebble.ts';
import { ensurePythonModules } from './python-modules.ts';
import { ensureS3Clients } from './s3-clients.ts';
import { ScratchFolder } from './scratch-folder.ts';
import { report } from './test-reporter.ts';
import { TestTemplates } from './test-templates.ts';

const elsewhere = await runInOpenCheckout(join(import.meta.dirname, '..'), 'scripts/test.ts', process.argv.slice(2));
if (elsewhere !== undefined) process.exit(elsewhere);

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const matching = (pattern: string): string[] =>
  globSync(pattern, { exclude: (path) => path.includes('node_modules') })
    .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
    .sort();

/** On two cores; each waits a third of its time. */
const atOnce = 3;
const longestTestMs = 5 * 60_000;
const longestGroupMs = 15 * 60_000;

const run = async (title: string, files: readonly string[], concurrency: number): Promise<boolean> => {
  if (files.length === 0) return true;
  process.stdout.write(`\n${title}: ${files.length} files\n`);
  const startedMs = performance.now();
  let failed = false;
  // Hooks have no limit of their own: one that waits for what never comes would keep everybody waiting.
  const signal = AbortSignal.timeout(longestGroupMs);
  const events = runTests({
    files: longestFirst(files),
    concurrency,
    env,
    timeout: longestTestMs,
    signal,
  });
  events.on('test:fail', () => {
    failed = true;
  });
  for await (const text of report(events)) process.stdout.write(text);
  process.stdout.write(`${((performance.now() - startedMs) / 1000).toFixed(0)} s\n`);
  return !failed && !signal.aborted;
};
/** So that no long one begins when the others are done; what has more to say mostly takes longer. */
const longestFirst = (files: readonly string[]): string[] =>
  files.toSorted((a, b) => statSync(b).size - statSync(a).size);

const unit = [
  ...matching('packages/*/src/**/*.test.ts'),
  ...matching('examples/*/test/**/*.test.ts'),
  ...matching('scripts/**/*.test.ts'),
];
/** The one with both a browser and an engine, and the one that restarts containers under load. */
const alone = ['e2e/chapter.test.ts', 'e2e/container-kill.test.ts'];
/** A browser drops what it loads over HTTP/2 when engines make networks: apart from the stories that have one. */
const withoutEngine = [
  'e2e/bookstore-browser.test.ts',
  ...matching('e2e/dashboard*.test.ts'),
  'e2e/demo.test.ts',
  'e2e/deploy-under-load.test.ts',
  'e2e/http2-browser.test.ts',
  'e2e/kill.test.ts',
  'e2e/many-tabs.test.ts',
];
const apart = [...alone, ...withoutEngine];
/** Told when they are asked for, by name or by `--all`: all others take as long as a change can wait. */
const onDemand = [
  'e2e/add-ons-kill.test.ts',
  'e2e/add-ons.test.ts',
  'e2e/container-engine-restart.test.ts',
  'e2e/postgres-diagnoses.test.ts',
  'e2e/postgres-moves.test.ts',
  'e2e/postgres-tools.test.ts',
];
const isAsked = wanted.length > 0 || process.argv.includes('--all');
const stories = matching('e2e/**/*.test.ts').filter((file) => isAsked || !onDemand.includes(file));
if (!isAsked) process.stdout.write(`left out, for \`npm test -- --all\`: ${onDemand.join(', ')}\n`);
if (unit.length + stories.length === 0) {
  process.stderr.write(`no test file's path contains ${wanted.join(' or ')}\n`);
  process.exit(1);
}
const someImports = (name: RegExp): boolean =>
  [...unit, ...stories].some((file) => name.test(readFileSync(file, 'utf8')));
const herokuCli = stories.length === 0 || installHerokuCli();
if (stories.length > 0) ensureDashboard();
if (someImports(/\b(?:ensureEngine|testEngine(?:Host)?)\b/)) ensureEngine();
if (someImports(/\bopenChromium\b/)) ensureChromium();
if (someImports(/\bstartPebble\b/)) ensurePebble();
if (someImports(/\bstartDebianMemcached\b/)) ensurePrograms(['memcached', 'memccat']);
if (someImports(/\b(?:startOlderPostgres|postgresql-15)\b/)) ensurePrograms(['postgres of version 15']);
if (someImports(/startRedisClient|heroku-redis:mini/)) ensurePrograms(['redis-server']);
if (someImports(/'h2load'/)) ensurePrograms(['curl', 'h2load', 'wrk']);
if (someImports(/\bs3Clients\b/)) ensureS3Clients();
if (someImports(/\bpylibmc\b/)) ensurePythonModules(['bmemcached', 'pylibmc']);
await using scratch = await ScratchFolder.make();
if (scratch.folder !== undefined) process.env.TMPDIR = scratch.folder;
await using templates = await TestTemplates.make();
const env = {
  ...process.env,
  RAVINE_TEST_TEMPLATES: templates.folder,
  // Most of what tests cost is Node starting: what it compiled once, all that start after it read from here.
  NODE_COMPILE_CACHE: join(import.meta.dirname, '..', 'node_modules', '.cache', 'compiled-for-tests'),
};
const results = [await run('unit tests', unit, atOnce)];
const hasCli = await herokuCli;
const told = hasCli ? stories : [];
results.push(
  hasCli,
  await run(
    'e2e with the official heroku CLI',
    told.filter((file) => !apart.includes(file)),
    atOnce,
  ),
  await run(
    'e2e with a browser or under load',
    told.filter((file) => withoutEngine.includes(file)),
    atOnce,
  ),
  await run(
    'e2e one by one',
    told.filter((file) => alone.includes(file)),
    1,
  ),
);
process.stdout.write(results.every(Boolean) ? '\ntest: ok\n' : '\ntest: FAILED\n');
process.exitCode = results.every(Boolean) ? 0 : 1;
