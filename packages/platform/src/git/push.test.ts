import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gitEnv } from './git-process.ts';
import { type OnPush, type Push, PusherGone, ReceiveHook } from './receive-hook.ts';
import { ensureRepository } from './repository.ts';
import { parseGitRequest, serveGit } from './smart-http.ts';
import { exportTree, readCommit } from './source-tree.ts';

const identity = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

interface Result {
  readonly code: number;
  readonly text: string;
}

const git = (folder: string, ...args: string[]): Promise<Result> =>
  new Promise((resolve) => {
    const options = { cwd: folder, env: gitEnv(identity) };
    execFile('git', args, options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, text: stdout + stderr });
    });
  });

const commit = async (folder: string, files: Readonly<Record<string, string | Buffer>>, message: string) => {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await git(folder, 'add', '-A');
  assert.equal((await git(folder, 'commit', '-q', '-m', message)).code, 0);
};

/** A git server with one app, and a clone that pushes to it. */
const startWorld = async (context: TestContext, onPush: OnPush) => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-git-'));
  const repoFolder = join(folder, 'repos', 'app.git');
  const errors: unknown[] = [];
  const stopping = new AbortController();
  const onError = (error: unknown): void => void errors.push(error);
  const receiveHook = new ReceiveHook({ stopping: stopping.signal, onError });
  const server = createServer((request, response) => {
    const parsed = parseGitRequest(request.method ?? '', (request.url ?? '').replace(/^\/app\.git/, ''));
    if (!parsed) response.writeHead(404).end();
    else void serveGit(request, response, parsed, { repoFolder, receiveHook, onPush });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server's address is never a string or null.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/app.git`;
  const clone = join(folder, 'clone');
  await mkdir(clone);
  await git(clone, 'init', '-q', '-b', 'main');
  await git(clone, 'remote', 'add', 'heroku', url);
  context.after(async () => {
    receiveHook.close();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, repoFolder, clone, url, server, receiveHook, stopping, errors };
};

test('a push is seen before it is accepted: its commit and files can be read and its output is shown', async (t) => {
  const seen: Push[] = [];
  const world = await startWorld(t, async (push, output) => {
    seen.push(push);
    const { sha, subject, authorEmail, treeId } = await readCommit({ ...push, sha: push.newSha });
    assert.deepEqual(
      { sha, subject, authorEmail },
      { sha: push.newSha, subject: 'One', authorEmail: 'ada@example.com' },
    );
    assert.match(treeId, /^[0-9a-f]{40}$/);
    await exportTree({ ...push, sha: push.newSha }, join(world.folder, 'out'));
    output.write('-----> Building\n');
    return 'accepted';
  });
  await commit(world.clone, { 'web/index.js': 'hello', '.gitattributes': 'web export-ignore\n' }, 'One');
  const { code, text } = await git(world.clone, 'push', 'heroku', 'main');
  assert.equal(code, 0, text);
  assert.match(text, /remote: -----> Building/);
  assert.equal(await readFile(join(world.folder, 'out/web/index.js'), 'utf8'), 'hello');
  assert.deepEqual((await readdir(join(world.folder, 'out'))).sort(), ['.gitattributes', 'web']);
  assert.equal(seen[0]?.repoFolder, world.repoFolder);
  assert.equal(seen[0]?.branch, 'main');
  assert.match((await git(world.clone, 'push', 'heroku', 'main')).text, /Everything up-to-date/);
  assert.equal(seen.length, 1);
  assert.equal((await git(world.folder, 'clone', '-q', world.url, 'again')).code, 0);
  assert.equal(await readFile(join(world.folder, 'again/web/index.js'), 'utf8'), 'hello');
});

test('a rejected push leaves the ref where it was', async (t) => {
  const world = await startWorld(t, async (_push, output) => {
    output.write(' !     Push failed\n');
    return 'rejected';
  });
  await commit(world.clone, { a: '1' }, 'One');
  const { code, text } = await git(world.clone, 'push', 'heroku', 'main');
  assert.equal(code, 1);
  assert.match(text, /remote: {2}! {5}Push failed/);
  assert.match(text, /! \[remote rejected\] main -> main \(pre-receive hook declined\)/);
  assert.equal((await git(world.clone, 'ls-remote', 'heroku')).text, '');
});

test('rewritten history, shallow clones and bodies sent in chunks are accepted', async (t) => {
  const world = await startWorld(t, async () => 'accepted');
  await commit(world.clone, { big: randomBytes(3 * 1024 * 1024) }, 'One');
  await commit(world.clone, { b: '2' }, 'Two');
  assert.equal((await git(world.clone, 'push', 'heroku', 'main')).code, 0);
  await git(world.clone, 'reset', '-q', '--hard', 'HEAD~1');
  await commit(world.clone, { c: '3' }, 'Three');
  assert.match((await git(world.clone, 'push', 'heroku', 'main')).text, /non-fast-forward/);
  assert.equal((await git(world.clone, 'push', '--force', 'heroku', 'main')).code, 0);
  assert.equal((await git(world.folder, 'clone', '-q', '--depth', '1', `file://${world.clone}`, 'shallow')).code, 0);
  const shallow = join(world.folder, 'shallow');
  await commit(shallow, { d: '4' }, 'Four');
  const second = await startWorld(t, async () => 'accepted');
  const pushed = await git(shallow, 'push', second.url, 'main');
  assert.equal(pushed.code, 0, pushed.text);
});

test('other branches and tags are accepted without a build', async (t) => {
  const world = await startWorld(t, async () => assert.fail('built'));
  await commit(world.clone, { a: '1' }, 'One');
  await git(world.clone, 'tag', 'v1');
  const branch = await git(world.clone, 'push', 'heroku', 'main:feature');
  assert.equal(branch.code, 0, branch.text);
  assert.match(branch.text, /non-main branch, skipping build/);
  const tag = await git(world.clone, 'push', 'heroku', 'v1');
  assert.equal(tag.code, 0, tag.text);
  assert.match((await git(world.clone, 'ls-remote', 'heroku')).text, /refs\/heads\/feature[\s\S]*refs\/tags\/v1/);
  assert.deepEqual(world.errors, []);
});

test('deleting the deployed branch and pushing main with master are refused with a reason', async (t) => {
  const world = await startWorld(t, async () => 'accepted');
  await commit(world.clone, { a: '1' }, 'One');
  const both = await git(world.clone, 'push', 'heroku', 'main', 'main:master');
  assert.equal(both.code, 1);
  assert.match(both.text, /Both "main" and "master" were pushed/);
  assert.equal((await git(world.clone, 'push', 'heroku', 'main')).code, 0);
  const deletion = await git(world.clone, 'push', 'heroku', ':main');
  assert.equal(deletion.code, 1);
  assert.match(deletion.text, /can't be deleted/);
});

test('the second of two pushes at once is refused and the first goes on', async (t) => {
  const steps = new EventEmitter();
  const world = await startWorld(t, async () => {
    steps.emit('started');
    await once(steps, 'finish');
    return 'accepted';
  });
  await commit(world.clone, { a: '1' }, 'One');
  const started = once(steps, 'started');
  const first = git(world.clone, 'push', 'heroku', 'main');
  await started;
  const second = await git(world.clone, 'push', 'heroku', 'main');
  assert.equal(second.code, 1);
  assert.match(second.text, /Another push to this app is being built/);
  steps.emit('finish');
  assert.equal((await first).code, 0);
});

/** The pid of the git that this process has started to receive a push. */
const receivingGit = async (repoFolder: string): Promise<number> => {
  const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  for (const pid of children.trim().split(' ')) {
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    if (argv.includes('receive-pack') && argv.includes(repoFolder)) return Number(pid);
  }
  return assert.fail('no git receives');
};

/** A push that is interrupted as by Ctrl-C once `started` has happened. */
const interruptedPush = async (clone: string, started: Promise<unknown>): Promise<void> => {
  const options = { cwd: clone, env: gitEnv(), stdio: 'ignore', detached: true } as const;
  const pusher = spawn('git', ['push', 'heroku', 'main'], options);
  await started;
  process.kill(-(pusher.pid ?? 0), 'SIGINT');
  await once(pusher, 'exit');
};

test('a pusher that goes away cancels the push: it is told so, and when it gives up nothing of the push stays', async (t) => {
  const steps = new EventEmitter();
  let reason: unknown;
  const world = await startWorld(t, async (_push, output, signal) => {
    const aborted = once(signal, 'abort');
    steps.emit('started');
    await aborted;
    reason = signal.reason;
    output.write('nobody reads this\n');
    return 'rejected';
  });
  await commit(world.clone, { a: '1' }, 'One');
  await interruptedPush(world.clone, once(steps, 'started'));
  const objects = join(world.repoFolder, 'objects');
  while ((await readdir(objects)).some((name) => name.startsWith('tmp_objdir'))) await setImmediate();
  assert.ok(reason instanceof PusherGone);
  assert.equal((await git(world.clone, 'ls-remote', 'heroku')).text, '');
});

test('a push that can no longer be taken back moves its ref though its pusher has gone', async (t) => {
  const steps = new EventEmitter();
  const world = await startWorld(t, async (_push, _output, signal) => {
    const aborted = once(signal, 'abort');
    steps.emit('started');
    await aborted;
    return 'accepted';
  });
  await commit(world.clone, { a: '1' }, 'One');
  await interruptedPush(world.clone, once(steps, 'started'));
  let refs = '';
  while (!refs.includes('refs/heads/main')) refs = (await git(world.clone, 'ls-remote', 'heroku')).text;
});

test('connections that Ravine ends because it stops are not taken for pushers that leave', async (t) => {
  const steps = new EventEmitter();
  const reasons: unknown[] = [];
  const world = await startWorld(t, async (_push, _output, signal) => {
    signal.addEventListener('abort', () => reasons.push(signal.reason));
    steps.emit('started');
    await once(steps, 'finish');
    return 'rejected';
  });
  await commit(world.clone, { a: '1' }, 'One');
  const started = once(steps, 'started');
  const pushed = git(world.clone, 'push', 'heroku', 'main');
  await started;
  world.stopping.abort();
  world.server.closeAllConnections();
  await pushed;
  assert.deepEqual(reasons, []);
  steps.emit('finish');
});

test('a push by hand, past Ravine, is refused by the hook with a reason', async (t) => {
  const world = await startWorld(t, async () => 'accepted');
  await commit(world.clone, { a: '1' }, 'One');
  await ensureRepository(world.repoFolder);
  await git(world.repoFolder, 'config', 'core.hooksPath', fileURLToPath(new URL('./hooks', import.meta.url)));
  const { code, text } = await git(world.clone, 'push', world.repoFolder, 'main');
  assert.equal(code, 1);
  assert.match(text, /Only Ravine takes pushes to this repository/);
  assert.equal((await git(world.clone, 'ls-remote', 'heroku')).text, '');
});

test('more output than the hook takes at once reaches a pusher whole', async (t) => {
  const line = `${'-'.repeat(511)}\n`;
  const world = await startWorld(t, async (_push, output) => {
    for (let count = 0; count < 1024; count += 1) if (!output.write(line)) await once(output, 'drain');
    return 'rejected';
  });
  await commit(world.clone, { a: '1' }, 'One');
  const { text } = await git(world.clone, 'push', 'heroku', 'main');
  assert.equal(text.match(/^remote: -{511}\s*$/gm)?.length, 1024);
});

test('a push whose git is killed is given up', async (t) => {
  const steps = new EventEmitter();
  const world = await startWorld(t, async (push, _output, signal) => {
    const aborted = once(signal, 'abort');
    process.kill(await receivingGit(push.repoFolder), 'SIGKILL');
    await aborted;
    steps.emit('given up', signal.reason);
    return 'rejected';
  });
  await commit(world.clone, { a: '1' }, 'One');
  const givenUp = once(steps, 'given up');
  assert.notEqual((await git(world.clone, 'push', 'heroku', 'main')).code, 0);
  assert.ok((await givenUp)[0] instanceof PusherGone);
});

test('a push whose build Ravine did not survive is told so', async (t) => {
  const world = await startWorld(t, async (_push, output, signal) => {
    await new Promise((resolve) => output.write('-----> Building\n', resolve));
    queueMicrotask(() => world.receiveHook.close());
    await once(signal, 'abort');
    return 'accepted';
  });
  await commit(world.clone, { a: '1' }, 'One');
  const { code, text } = await git(world.clone, 'push', 'heroku', 'main');
  assert.equal(code, 1);
  assert.match(text, /restarted during this build. Push again/);
});

test('a repository asked for by two at once is made once', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-git-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const repoFolder = join(folder, 'app.git');
  await Promise.all([ensureRepository(repoFolder), ensureRepository(repoFolder)]);
  assert.deepEqual(await readdir(folder), ['app.git']);
});

test('dumb and foreign requests are not git requests', () => {
  assert.equal(parseGitRequest('GET', '/info/refs'), undefined);
  assert.equal(parseGitRequest('GET', '/HEAD'), undefined);
  assert.equal(parseGitRequest('GET', '/git-receive-pack'), undefined);
  assert.equal(parseGitRequest('POST', '/info/refs?service=git-upload-pack'), undefined);
  assert.equal(parseGitRequest('GET', '/info/refs?service=git-shell'), undefined);
  assert.deepEqual(parseGitRequest('POST', '/git-upload-pack'), { kind: 'exchange', service: 'git-upload-pack' });
});
