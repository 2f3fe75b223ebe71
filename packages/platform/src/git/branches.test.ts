import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findCommit, listBranches } from './branches.ts';
import { gitEnv } from './git-process.ts';
import { ensureRepository } from './repository.ts';

let folder: string;
let repo: string;

const git = (args: readonly string[], date = '2026-11-01T10:00:00Z'): string =>
  execFileSync('git', args, {
    encoding: 'utf8',
    env: gitEnv({
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    }),
  }).trim();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ravine-branches-'));
  repo = join(folder, 'app.git');
  await ensureRepository(repo);
  const tree = git(['--git-dir', repo, 'mktree', '--missing']);
  for (const [day, branch, subject] of [
    ['01', 'main', 'The first one'],
    ['02', 'feature/covers', 'Covers: a try'],
  ] as const) {
    const sha = git(['--git-dir', repo, 'commit-tree', tree, '-m', subject], `2026-11-${day}T10:00:00Z`);
    git(['--git-dir', repo, 'update-ref', `refs/heads/${branch}`, sha]);
  }
  git(['--git-dir', repo, 'tag', '-a', 'v1', '-m', 'one', 'main']);
});
after(() => rm(folder, { recursive: true, force: true }));

test('branches are listed with their last commits, the one that was committed to last first', async () => {
  const branches = await listBranches(repo);
  assert.deepEqual(
    branches.map(({ name, subject, committedAt }) => [name, subject, committedAt.toISOString()]),
    [
      ['feature/covers', 'Covers: a try', '2026-11-02T10:00:00.000Z'],
      ['main', 'The first one', '2026-11-01T10:00:00.000Z'],
    ],
  );
  assert.deepEqual(await listBranches(join(folder, 'never-pushed.git')), []);
});

test('a commit is found by branch, by tag and by id, and by nothing that goes on from there', async () => {
  const main = git(['--git-dir', repo, 'rev-parse', 'refs/heads/main']);
  for (const ref of ['main', 'v1', main, main.slice(0, 10)]) assert.equal(await findCommit(repo, ref), main, ref);
  for (const ref of ['covers', 'main~1', 'main..v1', 'main@{0}', '--all', ':/first', 'HEAD', '', main.slice(0, 6)]) {
    assert.equal(await findCommit(repo, ref), undefined, ref);
  }
  assert.equal(await findCommit(join(folder, 'never-pushed.git'), 'main'), undefined);
});
