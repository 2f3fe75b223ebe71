import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EngineRelay } from '../packages/platform/src/engine/testing/engine-relay.ts';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine, runningInEngine } from '../scripts/platform-in-engine.ts';
import { Machine } from './harness/machine.ts';
import { Member } from './harness/member.ts';
import { visit } from './harness/visit.ts';

const run = promisify(execFile);
const askEveryMs = 50;
const relay = await EngineRelay.make(ensureEngine());
const machine = await Machine.make({ DOCKER_HOST: relay.host, RAVINE_ENGINE: 'auto' });
const source = await mkdtemp(join(tmpdir(), 'ravine-source-'));
let member: Member;
after(async () => {
  await relay.close();
  await relay.open();
  await machine[Symbol.asyncDispose]();
  await clearEngine(machine.dataFolder);
  await relay[Symbol.asyncDispose]();
  await rm(source, { recursive: true, force: true });
});

/** Asks the app's database for TLS, as every client does first, and serves what it says: N or S. */
const server = (words: string): string => `
import http.server, os, socket, struct, urllib.parse
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        at = urllib.parse.urlparse(os.environ["DATABASE_URL"])
        database = socket.create_connection((at.hostname, at.port), 5)
        database.sendall(struct.pack("!ii", 8, 80877103))
        body = b"${words} " + database.recv(1)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("", int(os.environ["PORT"])), Page).serve_forever()
`;
const commit = async (words: string): Promise<void> => {
  await writeFile(join(source, 'server.py'), server(words));
  await writeFile(join(source, 'Dockerfile'), 'FROM python:3-slim\nCOPY server.py /\nCMD exec python3 /server.py\n');
  await run('git', ['add', '.'], { cwd: source });
  const identity = ['-c', 'user.name=Tester', '-c', 'user.email=tester@localhost'];
  await run('git', [...identity, 'commit', '--quiet', '--message', words], { cwd: source });
};
/** Resolves when the app answers with this page. */
const shows = async (page: string): Promise<void> => {
  while ((await visit(machine, 'shop', '/').catch(() => undefined))?.body !== page) await sleep(askEveryMs);
};

test('without an engine the container stack is refused, with what to do', async () => {
  await machine.start();
  member = await Member.logIn(machine);
  await member.call('POST', '/apps', { name: 'shop' });
  await member.call('POST', '/apps/shop/addons', { plan: 'heroku-postgresql:essential-0' });
  const refused = await member.ask('PATCH', '/apps/shop', { build_stack: 'container' });
  assert.equal(refused.status, 422);
  assert.match(await refused.text(), /needs a container engine, and none has answered\. Install Docker or Podman/);
});

test('an engine that is started later is noticed, and databases from before are reached from containers', async () => {
  await relay.open();
  while (!(await member.ask('PATCH', '/apps/shop', { build_stack: 'container' })).ok) await sleep(askEveryMs);
  await run('git', ['init', '--quiet', '--initial-branch=main'], { cwd: source });
  await commit('first');
  const { status, output } = await member.push('shop', source);
  assert.equal(status, 0, output);
  await shows('first S');
});

test('while the engine is away, a push says so, and the app serves on through a start of Ravine', async () => {
  const before = await runningInEngine(machine.dataFolder);
  await relay.close();
  await commit('second');
  const known = await member.push('shop', source);
  assert.notEqual(known.status, 0);
  assert.match(
    known.output,
    /! +The engine at \S+ does not answer: .+ *\nremote: +! +Start the engine, then push again\./,
  );
  await machine.killAll();
  await machine.start();
  assert.equal((await visit(machine, 'shop', '/')).body, 'first S');
  const unknown = await member.push('shop', source);
  assert.notEqual(unknown.status, 0);
  assert.match(
    unknown.output,
    /! +The container engine at \S+ does not answer; start it, .+ *\nremote: +! +Then push again\./,
  );
  const builds = await member.call<{ status: string }[]>('GET', '/apps/shop/builds');
  assert.deepEqual(builds.map((build) => build.status).sort(), ['failed', 'failed', 'succeeded']);
  assert.deepEqual(await runningInEngine(machine.dataFolder), before);
});

test('when the engine is back, its dynos are adopted, and the next push is built', async () => {
  const before = await runningInEngine(machine.dataFolder);
  await relay.open();
  while ((await member.push('shop', source)).status !== 0) {
    assert.deepEqual(await runningInEngine(machine.dataFolder), before);
    await sleep(askEveryMs);
  }
  await shows('second S');
  while ((await runningInEngine(machine.dataFolder)).some((name) => before.includes(name))) await sleep(askEveryMs);
});
