import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TinySite } from './harness/tiny-site.ts';

const site = await TinySite.open({ dynos: 1 });
after(() => site[Symbol.asyncDispose]());
const { member, name } = site;

interface Branch {
  readonly name: string;
  readonly commit: string;
  readonly description: string;
}

interface Build {
  readonly id: string;
  readonly status: string;
  readonly source_blob: { readonly version: string };
}

const branches = () => member.call<readonly Branch[]>('GET', `/apps/${name}/branches`);
const deploy = (ref: string) => member.call<Build>('POST', `/apps/${name}/builds`, { source_blob: { ref } });
const ended = async ({ id }: Build): Promise<string> => {
  for (;;) {
    const { status } = await member.call<Build>('GET', `/apps/${name}/builds/${id}`);
    if (status !== 'pending') return status;
    await sleep(50);
  }
};

test('the branch that was pushed is listed, with its last commit', async () => {
  const [only, ...rest] = await branches();
  const head = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: site.app.folder, encoding: 'utf8' }).trim();
  assert.deepEqual([only?.name, only?.commit, only?.description, rest], ['main', head, 'v1', []]);
});

test('an older commit is deployed by its id and the branch again by its name, which stays where it is', async () => {
  const [first] = await branches();
  await site.app.commit('v2');
  await site.push();
  await site.shows('v2');
  assert.equal(await ended(await deploy(first?.commit ?? '')), 'succeeded');
  await site.shows('v1');
  const [now] = await branches();
  assert.equal(now?.description, 'v2');
  const again = await deploy('main');
  assert.equal(again.source_blob.version, now?.commit);
  assert.equal(await ended(again), 'succeeded');
  await site.shows('v2');
});

test('what was never pushed is refused with the way to what was', async () => {
  const answer = await member.ask('POST', `/apps/${name}/builds`, { source_blob: { ref: 'no-such-branch' } });
  assert.equal(answer.status, 422);
  assert.match(await answer.text(), /called \\"no-such-branch\\".*GET \/apps\/tiny\/branches lists branches/);
});
