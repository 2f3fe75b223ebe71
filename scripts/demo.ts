/**
 * `npm run demo`: boots a platform in a folder of its own, deploys examples/bookstore by `git push` and stays until Ctrl-C.
 * `-- --stack container` deploys examples/django-bookstore instead, as an image.
 * `-- --exit` checks the page over HTTP and stops; exit status 0 or 1.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensureDashboard } from './dashboard.ts';
import { chooseExample, type Example } from './demo-examples.ts';
import { ensureEngine } from './engine.ts';
import { clearEngine } from './platform-in-engine.ts';

const run = promisify(execFile);
const ravine = join(import.meta.dirname, '..', 'packages', 'platform', 'bin', 'ravine.ts');
const exitWhenDone = process.argv.includes('--exit');
const readyLimitMs = 60_000;
const askEveryMs = 100;

interface Platform {
  readonly child: ChildProcess;
  readonly api: string;
  readonly routerPort: number;
  readonly email: string;
  readonly password: string;
  readonly exports: string;
  /** File of the local authority's certificate. */
  readonly authority: string;
}

const steps: { name: string; ms: number }[] = [];

/** Runs one step, says how long it took, and keeps that for the table. */
const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  process.stdout.write(`==> ${name}\n`);
  const from = performance.now();
  const result = await work();
  steps.push({ name, ms: performance.now() - from });
  return result;
};

const portOr = (wanted: number): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(0));
    server.listen(wanted, '127.0.0.1', () => server.close(() => resolve(wanted)));
  });

/** What the platform prints until it says how to point the CLI at it, or until it ends. */
const saidByStart = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('eval "$(')) resolve(said);
    });
    child.once('exit', () => resolve(said));
  });

const startPlatform = async (data: string): Promise<Platform> => {
  const [apiPort, routerPort] = exitWhenDone ? [0, 0] : await Promise.all([portOr(5100), portOr(8080)]);
  const args = [ravine, 'up', '--data', data, '--api-port', String(apiPort), '--router-port', String(routerPort)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await saidByStart(child);
  const word = (label: string): string => new RegExp(`^ +${label} +(\\S+)`, 'm').exec(said)?.[1] ?? '';
  if (!said.includes('Ravine is up')) throw new Error(`the platform did not start; it said: ${said || 'nothing'}`);
  const { stdout } = await run(process.execPath, [ravine, 'env', '--data', data]);
  return {
    child,
    api: word('API, git'),
    routerPort: Number(new URL(word('apps').replace('NAME', 'name')).port || 80),
    email: word('account'),
    password: word('password'),
    exports: stdout,
    authority: /NODE_EXTRA_CA_CERTS='?([^\s']+)/.exec(stdout)?.[1] ?? '',
  };
};

const call = async (
  platform: Platform,
  method: string,
  path: string,
  authorization: string,
  body?: unknown,
): Promise<Record<string, unknown>> => {
  const response = await fetch(`${platform.api}${path}`, {
    method,
    headers: { accept: 'application/vnd.heroku+json; version=3', 'content-type': 'application/json', authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>; // shown, or read below with a check
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
};

const logIn = async (platform: Platform): Promise<string> => {
  const basic = Buffer.from(`${platform.email}:${platform.password}`).toString('base64');
  const answer = await call(platform, 'POST', '/oauth/authorizations', `Basic ${basic}`, { description: 'demo' });
  const token = answer.access_token as { token?: unknown } | undefined; // checked in the next line
  if (typeof token?.token !== 'string') throw new Error('the login answered no token');
  return token.token;
};

/** Pushes a copy of the example as a user would; the token travels by environment, not by argument. */
const push = async (platform: Platform, token: string, example: Example, folder: string): Promise<void> => {
  await example.copyTo(folder);
  const api = new URL(platform.api);
  const address = `https://localhost:${api.port}/`;
  const config = [
    [`http.${address}.sslCAInfo`, platform.authority],
    [`http.${address}.extraHeader`, `Authorization: Basic ${Buffer.from(`heroku:${token}`).toString('base64')}`],
    ['user.name', 'Demo'],
    ['user.email', 'demo@localhost'],
    ['init.defaultBranch', 'main'],
  ];
  const env: NodeJS.ProcessEnv = { ...process.env, GIT_CONFIG_COUNT: String(config.length) };
  delete env.GIT_SSL_CAINFO;
  for (const [i, [key, value]] of config.entries())
    Object.assign(env, { [`GIT_CONFIG_KEY_${i}`]: key, [`GIT_CONFIG_VALUE_${i}`]: value });
  const git = async (...args: string[]): Promise<void> => {
    const child = spawn('git', args, { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] });
    const [status] = (await once(child, 'close')) as [number | null];
    if (status !== 0) throw new Error(`git ${args.join(' ')} ended with status ${status}`);
  };
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'The bookstore');
  await git('push', `${address}bookstore.git`, 'main');
};

/** Runs a command in a one-off dyno, until it has ended. */
const runCommand = async (platform: Platform, token: string, command: string): Promise<void> => {
  const by = `Bearer ${token}`;
  const dyno = await call(platform, 'POST', '/apps/bookstore/dynos', by, { command, attach: false });
  const running = async (): Promise<boolean> => {
    const dynos: unknown = await call(platform, 'GET', '/apps/bookstore/dynos', by);
    return Array.isArray(dynos) && dynos.some((each: { name?: unknown }) => each.name === dyno.name);
  };
  while (await running()) await sleep(askEveryMs);
};

const fetchPage = async (platform: Platform, { secure }: Example): Promise<{ status: number; text: string }> => {
  const ca = await readFile(platform.authority);
  return new Promise((resolve, reject) => {
    const options = {
      ...(secure ? { servername: 'bookstore.localhost', ca } : {}),
      host: '127.0.0.1',
      port: platform.routerPort,
      path: '/',
      headers: { host: `bookstore.localhost:${platform.routerPort}` },
      timeout: readyLimitMs,
    };
    (secure ? getSecurely : get)(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    }).on('error', reject);
  });
};

const stop = async (data: string, child: ChildProcess | undefined): Promise<void> => {
  const gone = child === undefined || child.exitCode !== null ? undefined : once(child, 'exit');
  await run(process.execPath, [ravine, 'down', '--data', data]).catch((error: Error) =>
    process.stderr.write(`demo: ${error.message}\n`),
  );
  await gone;
  if (example.stack === 'container') await clearEngine(data);
  await rm(data, { recursive: true, force: true });
};

const demo = async (data: string, keep: (child: ChildProcess) => void): Promise<void> => {
  const platform = await step('Starting a platform', () => startPlatform(data));
  keep(platform.child);
  const token = await step('Logging in', () => logIn(platform));
  const by = `Bearer ${token}`;
  const { stack, configVars, commands, title, secure } = example;
  await step(`Creating the app "bookstore" (${stack})`, async () => {
    await call(platform, 'POST', '/apps', by, { name: 'bookstore', stack });
    if (Object.keys(configVars).length > 0)
      await call(platform, 'PATCH', '/apps/bookstore/config-vars', by, configVars);
  });
  await step('git push: build, database, release phase', () => push(platform, token, example, join(data, 'source')));
  for (const command of commands) await step(command, () => runCommand(platform, token, command));
  const page = await step('First page', () => fetchPage(platform, example));
  process.stdout.write(
    `\n${steps.map(({ name, ms }) => `  ${name.padEnd(44)} ${(ms / 1000).toFixed(2).padStart(7)} s\n`).join('')}\n`,
  );
  const { url: dashboard } = await call(platform, 'POST', '/dashboard/links', by);
  if (page.status !== 200 || !page.text.includes(title))
    throw new Error(`the bookstore answered ${page.status}: ${page.text.slice(0, 500)}`);
  process.stdout.write(
    `  bookstore   http${secure ? 's' : ''}://bookstore.localhost:${platform.routerPort}/\n  dashboard   ${dashboard}   (signs you in, once, within ten minutes)\n  API         ${platform.api}\n  account     ${platform.email}\n  password    ${platform.password}\n\nIn another shell, for the heroku CLI and git:\n\n${platform.exports}\n`,
  );
  if (exitWhenDone) return;
  process.stdout.write('Ctrl-C stops and removes it all.\n');
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(platform.child, 'exit')]);
};

const example = chooseExample(process.argv);
if (example.stack === 'container') ensureEngine();
ensureDashboard();
const data = await mkdtemp(join(tmpdir(), 'ravine-demo-'));
// Dynos and databases of a platform that runs as root have users of their own, who must pass through.
await chmod(data, 0o711);
let child: ChildProcess | undefined;
try {
  await demo(data, (started) => {
    child = started;
  });
  process.stdout.write('demo: ok\n');
} catch (error) {
  process.stderr.write(`demo: FAILED: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stop(data, child);
}
