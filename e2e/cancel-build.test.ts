import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine, inEngine } from '../scripts/platform-in-engine.ts';
import { processTable } from './harness/processes.ts';
import { nodeImage } from './harness/tiny-app.ts';
import { TinySite } from './harness/tiny-site.ts';

interface Build {
  readonly id: string;
  readonly status: string;
  readonly created_at: string;
  readonly output_stream_url: string;
}

const askEveryMs = 20;
const secondsOfRelease = 2;
const underWay = /^remote: +the build is under way *$/m;
const releasing = /^remote: +the release begins *$/m;
const dockerfile = (run: string): string =>
  `FROM ${nodeImage}\nENV TINY_CONTAINER=1\n${run}COPY server.js .\nCMD ["node", "server.js"]\n`;

/** What makes a build hang that runs this command, and what makes it pass and release slowly. */
const sources = {
  'heroku-24': {
    hanging: (command: string) => ({ 'package.json': manifest({ build: command }) }),
    releasing: (command: string) => ({
      'package.json': manifest({}),
      Procfile: `web: node server.js\nrelease: ${command}\n`,
    }),
  },
  container: {
    hanging: (command: string) => ({ Dockerfile: dockerfile(`RUN ${command}\n`) }),
    releasing: (command: string) => ({
      Dockerfile: dockerfile(''),
      'heroku.yml': `build:\n  docker:\n    web: Dockerfile\nrelease:\n  image: web\n  command:\n    - ${command}\n`,
    }),
  },
} as const;
const manifest = (scripts: Readonly<Record<string, string>>): string =>
  JSON.stringify({ name: 'tiny', version: '1.0.0', private: true, scripts });

for (const stack of ['heroku-24', 'container'] as const) {
  describe(`stack ${stack}`, () => {
    let site: TinySite;
    before(async () => {
      site = await TinySite.open({ dynos: 1, ...(stack === 'container' ? { engine: ensureEngine() } : {}) });
    });
    after(async () => {
      await site[Symbol.asyncDispose]();
      if (stack === 'container') await clearEngine(site.machine.dataFolder);
    });

    const newestBuild = async (): Promise<Build> => {
      const all = await site.member.call<Build[]>('GET', `/apps/${site.name}/builds`);
      const newest = all.toSorted((a, b) => a.created_at.localeCompare(b.created_at)).at(-1);
      assert.ok(newest);
      return newest;
    };

    /** Pushes a build that hangs in a command that nothing else on this machine runs. */
    const pushHanging = async (version: string) => {
      const command = `sleep ${1e6 + Math.floor(Math.random() * 1e6)}`;
      await site.app.commit(version, sources[stack].hanging(`echo the build is under way; ${command}`));
      const push = site.member.startPush(site.name, site.app.folder);
      await push.prints(underWay);
      const isRunning = async () => (await processTable()).some((entry) => entry.command.trim() === command);
      while (!(await isRunning())) await sleep(askEveryMs);
      return { push, isRunning };
    };

    /** The old release serves on, and the build has left neither process nor folder nor container. */
    const assertNothingStayed = async (isRunning: () => Promise<boolean>): Promise<void> => {
      assert.equal((await site.visit())?.version, 'v1');
      while (await isRunning()) await sleep(askEveryMs);
      assert.deepEqual(await readdir(join(site.machine.dataFolder, 'builds')), []);
      if (stack === 'container') assert.equal((await inEngine(site.machine.dataFolder)).containers.length, 1);
    };

    test('Ctrl-C during a push cancels its build, and the reason is kept', async () => {
      const { push, isRunning } = await pushHanging('v2');
      await push.interrupt();
      while ((await newestBuild()).status === 'pending') await sleep(askEveryMs);
      const { status, output_stream_url: url } = await newestBuild();
      assert.equal(status, 'failed');
      assert.match(
        await (await fetch(url)).text(),
        /The build was cancelled because its pusher went away\. Push again\./,
      );
      await assertNothingStayed(isRunning);
    });

    test('a build cancelled over the API is ended, and its pusher is told by whom', async () => {
      const { push, isRunning } = await pushHanging('v2');
      const path = `/apps/${site.name}/builds/${(await newestBuild()).id}`;
      assert.equal((await site.member.call<Build>('DELETE', path)).status, 'failed');
      const { status, output } = await push.ended;
      assert.equal(status, 1);
      assert.match(output, /! {5}The build was cancelled by admin@localhost\. *\n/);
      await assertNothingStayed(isRunning);
      const again = await site.member.ask('DELETE', path);
      assert.deepEqual(
        [again.status, ((await again.json()) as { message: string }).message],
        [422, 'This build has ended already.'],
      );
    });

    test('once its release is being made a build goes on to the end, with or without its pusher', async () => {
      const command = `echo the release begins; sleep ${secondsOfRelease}`;
      await site.app.commit('v3', sources[stack].releasing(command));
      const push = site.member.startPush(site.name, site.app.folder);
      await push.prints(releasing);
      const refused = await site.member.ask('DELETE', `/apps/${site.name}/builds/${(await newestBuild()).id}`);
      assert.equal(refused.status, 422);
      assert.match(await refused.text(), /can no longer be cancelled: its release is being made/);
      await push.interrupt();
      await site.shows('v3');
      while ((await newestBuild()).status === 'pending') await sleep(askEveryMs);
      assert.equal((await newestBuild()).status, 'succeeded');
      const { output } = await site.member.push(site.name, site.app.folder);
      assert.match(output, /Everything up-to-date/);
    });
  });
}
