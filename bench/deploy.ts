import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Machine } from '../e2e/harness/machine.ts';
import { Member } from '../e2e/harness/member.ts';
import { copyBookstore } from '../scripts/copy-bookstore.ts';
import { freePort } from './free-port.ts';
import { quantile, type Result } from './result.ts';

const run = promisify(execFile);
const bookstore = join(import.meta.dirname, '..', 'examples', 'bookstore');
const changedFile = 'src/pages/about.ts';
const app = 'bookstore';
const rounds = 9;
const lookEveryMs = 5;

interface Way {
  /** From the push of HEAD until a page shows the mark. */
  deploy(mark: string): Promise<void>;
  /** What the next round needs and nobody waits for. */
  tidy(): Promise<void>;
}

/** Push to live of the bookstore with one changed source file and unchanged dependencies, against the same steps by hand. */
export const deploy = async (): Promise<Result> => {
  await using machine = await Machine.make();
  await machine.start();
  const member = await Member.logIn(machine);
  const source = join(machine.dataFolder, 'source');
  await makeSource(source);
  await member.call('POST', '/apps', { name: app });
  // As many as by hand, where nothing says how many the memory is enough for.
  await member.call('PATCH', `/apps/${app}/config-vars`, { WEB_CONCURRENCY: '1' });
  const ours = withRavine(member, source);
  const theirs = await byHand(member, source, join(machine.dataFolder, 'by-hand'), ours);
  const tookMs = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, way] of [
      ['ours', ours],
      ['theirs', theirs],
    ] as const) {
      const mark = `${name}-${round}`;
      await change(source, mark);
      const from = performance.now();
      await way.deploy(mark);
      // The first round fills caches of both.
      if (round > 0) tookMs[name].push(performance.now() - from);
      await way.tidy();
    }
  }
  const [oursMs, theirsMs] = [quantile(tookMs.ours, 0.5), quantile(tookMs.theirs, 0.5)];
  return {
    rows: [
      { what: 'git push to first answer of the new release', value: oursMs, unit: 'ms' },
      { what: 'the same by hand', value: theirsMs, unit: 'ms' },
      { what: 'ratio', value: oursMs / theirsMs, unit: 'x', goal: 1.2 },
    ],
    values: { ratio_vs_by_hand: oursMs / theirsMs, ravine_ms: oursMs, by_hand_ms: theirsMs },
    method: `Medians of ${rounds} deploys each, in turns, after one that fills the caches. By hand: git push to a bare repository, checkout, npm ci from a warm cache, npm run build, the release command, start, first 200.`,
  };
};

const git = async (folder: string, ...args: string[]): Promise<void> => {
  await run('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@localhost', ...args], { cwd: folder });
};

const makeSource = async (folder: string): Promise<void> => {
  await copyBookstore(folder);
  await git(folder, 'init', '--quiet', '--initial-branch=main');
};

/** Puts a mark on a page and commits. */
const change = async (folder: string, mark: string): Promise<void> => {
  const page = await readFile(join(bookstore, changedFile), 'utf8');
  await writeFile(join(folder, changedFile), page.replace('About this shop', mark));
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message', mark);
};

/** Looks at the page until it is there with its mark. */
const shows = async (port: number, host: string, mark: string): Promise<void> => {
  const look = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/about', headers: { host }, agent: false };
      get(options, (response) => void text(response).then(resolve, reject)).on('error', reject);
    });
  while (!(await look().catch(() => '')).includes(`<h1>${mark}</h1>`)) await sleep(lookEveryMs);
};

const withRavine = (member: Member, source: string): Way => ({
  async deploy(mark) {
    const { status, output } = await member.push(app, source);
    if (status !== 0) throw new Error(`git push ended with status ${status}:\n${output}`);
    await shows(member.machine.routerPort, `${app}.localhost`, mark);
  },
  tidy: () => settled(member),
});

/** Waits until dynos of the release before have gone, so that they take nothing from the other way. */
const settled = async (member: Member): Promise<void> => {
  for (;;) {
    const dynos = await member.call<{ state: string }[]>('GET', `/apps/${app}/dynos`);
    if (dynos.length === 1 && dynos[0]?.state === 'up') return;
    await sleep(lookEveryMs);
  }
};

/** One administrator, one shell script's worth of steps; the database is the app's own. */
const byHand = async (member: Member, source: string, folder: string, ravine: Way): Promise<Way> => {
  await change(source, 'before');
  await ravine.deploy('before');
  const config = await member.call<Record<string, string>>('GET', `/apps/${app}/config-vars`);
  const repository = join(folder, 'bookstore.git');
  const npmCache = join(folder, 'npm-cache');
  await mkdir(folder);
  await git(folder, 'init', '--quiet', '--bare', repository);
  const port = await freePort();
  const env = {
    ...process.env,
    ...config,
    PORT: String(port),
    NODE_ENV: 'production',
    npm_config_cache: npmCache,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  };
  let stop = async (): Promise<void> => {};
  let live = '';
  return {
    async deploy(mark) {
      live = join(folder, mark);
      await git(source, 'push', '--quiet', repository, 'HEAD:refs/heads/main');
      await git(folder, 'clone', '--quiet', '--branch', 'main', repository, live);
      await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: live, env });
      await run('npm', ['run', '--silent', 'build'], { cwd: live, env });
      await run('node', ['src/migrate.ts'], { cwd: live, env });
      const server = spawn(join(live, 'node_modules/.bin/prefork'), ['src/server.ts'], {
        cwd: live,
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      stop = async () => {
        server.kill('SIGTERM');
        await once(server, 'exit');
      };
      await shows(port, 'localhost', mark);
    },
    async tidy() {
      await stop();
      await rm(live, { recursive: true, force: true });
    },
  };
};
