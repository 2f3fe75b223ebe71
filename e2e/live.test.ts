import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { totpCode, totpStep } from '../packages/platform/src/secrets/totp.ts';
import { type Change, Changes } from './harness/changes.ts';
import { untilGone } from './harness/processes.ts';
import { assertSaid } from './harness/said.ts';
import { openShell, type Shell } from './harness/shell.ts';
import { Tail } from './harness/tail.ts';
import { TinySite } from './harness/tiny-site.ts';

let site: TinySite;
let shell: Shell;
before(async () => {
  site = await TinySite.open({ dynos: 1 });
  shell = await openShell('ann', await site.machine.clientEnvironment());
});
after(async () => {
  await shell[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const askAgainMs = 100;
const named = ({ resource, action }: Change): string => `${resource} ${action}`;

const passwordIn = (printed: string): string => /^password +(\S+)$/m.exec(printed)?.[1] ?? '';

const logIn = (email: string, password: string): Promise<Response> =>
  fetch(`http://localhost:${site.machine.apiPort}/oauth/authorizations`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}` },
  });

/** Asks again until the answer is as wanted. */
const eventually = async <Answer>(path: string, holds: (answer: Answer) => boolean): Promise<Answer> => {
  for (;;) {
    const answer = await site.member.call<Answer>('GET', path);
    if (holds(answer)) return answer;
    await sleep(askAgainMs);
  }
};

test('`heroku login -i` asks for the code of the authenticator once it is set up', async () => {
  const { email, password } = site.machine;
  const offered = await site.member.call<{ secret: string }>('POST', '/account/two-factor', { password });
  const secret = Buffer.from(
    (
      [...offered.secret]
        .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
        .join('')
        .match(/.{8}/g) ?? []
    ).map((byte) => Number.parseInt(byte, 2)),
  );
  const code = (later: number): string => totpCode(secret, totpStep(Date.now()) + later);
  await site.member.call('POST', '/account/two-factor/confirm', { code: code(0) });
  const terminal = shell.terminal('heroku', ['login', '-i']);
  await terminal.answer('Email', email);
  await terminal.answer('Password', password);
  await terminal.answer('Two-factor code', code(1));
  const { screen, status } = await terminal.ended;
  assert.match(screen, /Logged in as admin@localhost/);
  assert.equal(status, 0);
  assertSaid(await shell.heroku('2fa'), { stdout: 'Two-factor authentication is enabled' });
});

test('what the CLI and a push change is told as it happens, with who did it, also across kill -9 of control', async () => {
  await using changes = await Changes.open(site.member, '/events');
  await shell.heroku('config:set', 'COLOUR=a-secret-colour', '-a', site.name);
  const config = await changes.until((change) => named(change) === 'config-vars update');
  assert.deepEqual([config.data, config.actor?.via], [{ set: ['COLOUR'], unset: [] }, 'cli']);
  await changes.until(({ resource, data }) => resource === 'dyno' && data.state === 'up');

  const { control } = await site.machine.processes();
  process.kill(control.pid, 'SIGKILL');
  await untilGone(control.pid);
  await site.machine.apiAnswers();
  const killedAt = changes.seen.length;
  await site.app.commit('v2');
  await site.push();
  const build = await changes.until((change) => named(change) === 'build create', killedAt);
  assert.equal(build.actor?.email, site.machine.email);
  await changes.until(({ resource, data }) => resource === 'build' && data.status === 'succeeded', killedAt);
  const release = await changes.until((change) => named(change) === 'release create', killedAt);
  assert.match(String(release.data.description), /^Deploy /);
  const ids = changes.seen.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'no event came twice');

  const audit = await site.member.call<Change[]>('GET', `/apps/${site.name}/audit-events?limit=200`);
  assert.ok(!JSON.stringify(audit).includes('a-secret-colour'));
  assert.equal(audit.find((change) => named(change) === 'build create')?.actor?.via, 'git');
  for (const change of changes.seen.filter(({ resource }) => resource !== 'dyno')) {
    assert.ok(
      audit.some(({ id }) => id === change.id),
      `${named(change)} is in the audit`,
    );
  }
});

test('visits and dynos are measured, told with releases as marks, and written into the log where wanted', async () => {
  interface Metrics {
    readonly requests: Readonly<Record<string, readonly (number | null)[]>>;
    readonly processes: Readonly<Record<string, { readonly memory: { readonly max: readonly (number | null)[] } }>>;
    readonly marks: readonly Change[];
  }
  await using tail = await Tail.open(site.member, site.name, { dyno: 'web.1' });
  await shell.heroku('labs:enable', 'log-runtime-metrics', '-a', site.name);
  const path = `/apps/${site.name}/metrics?range=2h`;
  const visits = ({ requests }: Metrics): number =>
    (requests['2xx'] ?? []).reduce<number>((sum, n) => sum + (n ?? 0), 0);
  const before = visits(await site.member.call<Metrics>('GET', path));
  for (let visit = 0; visit < 20; visit++) await site.visit();
  await eventually<Metrics>(path, (metrics) => visits(metrics) >= before + 20);

  const { text } = await tail.until((line) => line.text.includes('sample#memory_total='));
  assert.match(
    text,
    /^source=web\.1 dyno=heroku\.\S+ sample#memory_total=[\d.]+MB sample#memory_rss=[\d.]+MB sample#memory_quota=512\.00MB$/,
  );
  const { processes, marks } = await site.member.call<Metrics>('GET', path);
  const memory = processes.web?.memory.max.findLast((bytes) => bytes !== null) ?? 0;
  assert.ok(memory > 1024 * 1024, `${memory} bytes`);
  assert.ok(marks.some(({ resource }) => resource === 'release'));
  assert.ok(marks.some(({ resource, data }) => resource === 'dyno' && data.state === 'up'));
});

test('a request is found in the log by its id, from the router’s line on', async () => {
  interface Found {
    readonly lines: readonly { readonly id: number; readonly dyno: string; readonly text: string }[];
  }
  await site.visit();
  const search = `/apps/${site.name}/logs/search`;
  const { lines } = await eventually<Found>(
    `${search}?dyno=router&query=status%3D200`,
    (found) => found.lines.length > 0,
  );
  const requestId = /request_id=(\S+)/.exec(lines.at(-1)?.text ?? '')?.[1];
  const found = await site.member.call<Found>('GET', `${search}?request_id=${requestId}`);
  assert.deepEqual(found.lines, lines.slice(-1));
});

test('the machine tells an administrator how it is, and nobody else', async () => {
  interface Machine {
    readonly counts: Readonly<Record<string, number>>;
    readonly disk: { readonly available: number };
    readonly router: { readonly connected: number };
  }
  const machine = await site.member.call<Machine>('GET', '/machine');
  assert.equal(machine.counts.apps, 1);
  assert.equal(machine.router.connected, 2);
  assert.ok(machine.disk.available > 0);
  const findings = await site.member.call<{ level: string; text: string }[]>('GET', '/machine/findings');
  assert.ok(findings.some(({ level, text }) => level === 'ok' && text.startsWith('git version')));
  const printed = await site.machine.ravine('accounts:add', 'bea@example.com');
  const bea = await logIn('bea@example.com', passwordIn(printed));
  assert.equal(bea.status, 201);
  const { access_token: token } = (await bea.json()) as { access_token: { token: string } }; // Platform API reference, "OAuth Authorization"
  const headers = { authorization: `Bearer ${token.token}` };
  assert.equal((await fetch(`http://localhost:${site.machine.apiPort}/machine`, { headers })).status, 403);
});

test('`ravine accounts:reset` lets in again who lost the authenticator, and signs out who was signed in', async () => {
  const { email, password } = site.machine;
  assert.equal((await logIn(email, password)).status, 403);
  const printed = await site.machine.ravine('accounts:reset', email);
  assert.equal((await logIn(email, password)).status, 401);
  assert.equal((await logIn(email, passwordIn(printed))).status, 201);
  assert.equal((await site.member.ask('GET', '/account')).status, 401);
});
