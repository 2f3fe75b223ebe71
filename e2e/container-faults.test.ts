import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureEngine } from '../scripts/engine.ts';
import { inEngine } from '../scripts/platform-in-engine.ts';
import { PrivateEngine } from './harness/private-engine.ts';
import { processTable } from './harness/processes.ts';
import { SmallDisk } from './harness/small-disk.ts';
import { Tail } from './harness/tail.ts';
import { nodeImage } from './harness/tiny-app.ts';
import { TinySite } from './harness/tiny-site.ts';

const lookEveryMs = 50;
const buildMemoryMb = 1000;
/** Less than builds may use, since what is written to such a disk counts as memory. */
const engineDiskMb = 700;

ensureEngine();
const stack = new AsyncDisposableStack();
let engine: PrivateEngine;
let engineDisk: SmallDisk;
let dataDisk: SmallDisk;
let site: TinySite;
before(async () => {
  engineDisk = stack.use(await SmallDisk.make(engineDiskMb));
  dataDisk = stack.use(await SmallDisk.make(400));
  engine = stack.use(await PrivateEngine.start(nodeImage, { disk: engineDisk.folder }));
  process.env.DOCKER_HOST = engine.host;
  const settings = { RAVINE_BUILD_MEMORY: String(buildMemoryMb) };
  site = stack.use(await TinySite.open({ dynos: 1, engine: engine.host, settings, disk: dataDisk.folder }));
});
after(() => stack.disposeAsync());

/** Little for git, which compresses it, much for a folder. */
const big = 'x'.repeat(50 * 1024 * 1024);
const dockerfile = (...steps: string[]): Readonly<Record<string, string>> => ({
  big: '',
  Dockerfile: [`FROM ${nodeImage}`, 'COPY server.js .', ...steps, 'CMD ["node", "server.js"]', ''].join('\n'),
});

/** Pushes a change that must be refused. @returns what the push said, without git's own words around it */
const refusal = async (
  files: Readonly<Record<string, string>>,
  onOutput: (soFar: string) => void = () => {},
): Promise<string> => {
  await site.app.commit('refused', files);
  const { status, output } = await site.member.push(site.name, site.app.folder, onOutput);
  assert.notEqual(status, 0, output);
  return output.replaceAll(/^remote: ?/gm, '').replaceAll(/ +$/gm, '');
};

/** What the app shows, until a push succeeds. */
let serving = 'v1';
const release = async (version: string, files: Readonly<Record<string, string>>): Promise<void> => {
  await site.app.commit(version, files);
  await site.push();
  await site.shows(version);
  serving = version;
};

/** Calls back once, when the build has come to its step that says `begun`. */
const whenBegun = (act: () => void): ((soFar: string) => void) => {
  let done = false;
  return (soFar) => {
    if (done || !/^remote: begun *$/m.test(soFar)) return;
    done = true;
    act();
  };
};

/** The app's one container, its network and its image, and nothing else. */
const assertOldReleaseServes = async (): Promise<void> => {
  assert.equal((await site.visit())?.version, serving);
  const { containers, networks, images } = await inEngine(site.machine.dataFolder);
  assert.deepEqual([containers.length, networks.length], [1, 1], `${containers} ${networks}`);
  const all = await engine.docker('images', '--all', '--quiet');
  // The base image is the only one that isn't a release's.
  assert.equal(all.split('\n').length, images.length + 1, `${images}: ${all}`);
};

const untilFree = async (disk: SmallDisk, megabytes: number): Promise<void> => {
  while ((await disk.freeMegabytes()) < megabytes) await sleep(lookEveryMs);
};

const runs = async (command: string): Promise<boolean> =>
  (await processTable()).some((entry) => entry.command.includes(command));

test('a build that eats memory ends at the limit of builds, says so, and leaves nothing', async () => {
  const said = await refusal(dockerfile(`RUN node -e 'for (const a = [];;) a.push(Buffer.alloc(1 << 24, 1))'`));
  assert.match(said, /ended with status 137\.\n ! {5}The build needed more than its 1000 MB of memory/);
  assert.match(said, / ! {5}Push failed/);
  await assertOldReleaseServes();
});

test("a build that fills the engine's disk ends before the engine does, and the space is free again", async () => {
  const giveBack = await engineDisk.fill(150);
  const free = await engineDisk.freeMegabytes();
  for (const files of [
    dockerfile(`RUN dd if=/dev/zero of=/big bs=1M count=${engineDiskMb}`),
    // Its context already is too large.
    { ...dockerfile(), big },
  ]) {
    const said = await refusal(files);
    assert.match(said, / ! {5}The disk that the container engine keeps images on is full\.\n/);
    await untilFree(engineDisk, free - 5);
    await assertOldReleaseServes();
  }
  await giveBack();
});

test("a source for which Ravine's own disk has no room is refused, and the next push is built", async () => {
  await site.app.commit('too-large', { ...dockerfile(), big });
  const giveBack = await dataDisk.fill(10);
  const { status, output } = await site.member.push(site.name, site.app.folder);
  await giveBack();
  assert.notEqual(status, 0, output);
  assert.match(output, /The disk that this server builds on is full\./);
  await assertOldReleaseServes();
  await release('v2', dockerfile());
});

test('a build whose engine is killed fails with the reason; when the engine is back nothing of it is left, and the push succeeds', async () => {
  let killed: Promise<void> | undefined;
  const began = await refusal(
    dockerfile('RUN echo begun && exec sleep 4711'),
    whenBegun(() => {
      killed = engine.kill('SIGKILL');
    }),
  );
  await killed;
  assert.match(
    began,
    / ! {5}The container engine went away during the build\.\n ! {5}Start the engine, then push again\./,
  );
  assert.equal((await site.visit())?.version, serving);
  const without = await refusal(dockerfile());
  await engine.up();
  assert.match(without, / ! {5}The engine at .* does not answer: .*\n ! {5}Start the engine/);
  while (await runs('sleep 4711')) await sleep(lookEveryMs);
  await release('v3', dockerfile());
});

test('a build under way at a kill -9 of control ends in the engine as well', async () => {
  const { control } = await site.machine.processes();
  await refusal(
    dockerfile('RUN echo begun && exec sleep 4712'),
    whenBegun(() => process.kill(control.pid, 'SIGKILL')),
  );
  await site.machine.apiAnswers();
  while (await runs('sleep 4712')) await sleep(lookEveryMs);
  assert.equal((await site.visit())?.version, serving);
});

test('a dyno over its memory is told R14, and over twice of it R15 and SIGKILL', async () => {
  const server = (megabytes: number): Readonly<Record<string, string>> => ({
    'eat.js': `globalThis.eaten = Buffer.alloc(${megabytes} * 1024 * 1024, 1);\n`,
    Dockerfile: `FROM ${nodeImage}\nCOPY *.js .\nCMD ["node", "--require", "./eat.js", "server.js"]\n`,
  });
  await using tail = await Tail.open(site.member, site.name, { source: 'heroku' });
  const says = (pattern: RegExp) => tail.until(({ text }) => pattern.test(text));
  await release('v4', server(600));
  await says(/^Process running mem=6\d\dM\(1\d\d\.\d%\)$/);
  await says(/^Error R14 \(Memory quota exceeded\)$/);
  await site.app.commit('v5', server(1200));
  await site.push();
  await says(/^Process running mem=1024M\(200\.0%\)$/);
  await says(/^Error R15 \(Memory quota vastly exceeded\)$/);
  await says(/^Stopping process with SIGKILL$/);
  await says(/^Process exited with status 137$/);
  assert.equal((await site.visit())?.version, serving);
});

test('an app that is destroyed in the middle of a build takes the build with it, and nothing of it stays', async () => {
  let destroyed: Promise<unknown> | undefined;
  const said = await refusal(
    dockerfile('RUN echo begun && exec sleep 4713'),
    whenBegun(() => {
      destroyed = site.member.call('DELETE', `/apps/${site.name}`);
    }),
  );
  await destroyed;
  assert.match(said, / ! {5}The app was destroyed\./);
  while (await runs('sleep 4713')) await sleep(lookEveryMs);
  for (;;) {
    const { containers, networks, images } = await inEngine(site.machine.dataFolder);
    if (containers.length + networks.length + images.length === 0) break;
    await sleep(lookEveryMs);
  }
});
