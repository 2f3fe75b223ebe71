import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { actAs } from '../store/acting.ts';
import { apps } from '../store/apps.ts';
import { certificateOrders } from '../store/certificate-orders.ts';
import { EventFeed } from '../store/event-feed.ts';
import { events } from '../store/events.ts';
import { type ApiClient, apiClient } from './testing/api-client.ts';
import { type ReceivedEvent, readEvents } from './testing/read-events.ts';
import { releaseCode } from './testing/released-app.ts';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

let platform: TestPlatform;
let token: string;
let alice: ApiClient;
let bob: ApiClient;
let bobToken: string;

before(async () => {
  platform = await startTestPlatform();
  ({ token } = await platform.account('alice@example.com'));
  ({ token: bobToken } = await platform.account('bob@example.com'));
  alice = apiClient(platform.url, token);
  bob = apiClient(platform.url, bobToken);
});
after(() => platform.close());

const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

/** Reads events until one satisfies; the change is made when the stream is open. */
const until = async (
  path: string,
  wanted: (event: ReceivedEvent) => boolean,
  change: () => Promise<unknown>,
  headers: Readonly<Record<string, string>> = bearer(token),
): Promise<ReceivedEvent[]> => {
  const seen: ReceivedEvent[] = [];
  let changing: Promise<unknown> = Promise.resolve();
  const open = () => {
    changing = change();
  };
  for await (const event of readEvents(`${platform.url}${path}`, headers, open)) {
    seen.push(event);
    if (wanted(event)) break;
  }
  await changing;
  return seen;
};

/** What stands at a path of keys in JSON. */
const read = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), value);

const named = ({ data }: ReceivedEvent): string => `${data.resource} ${data.action}`;

describe('audit events', () => {
  test('say who changed what, through which door and when', async () => {
    await alice('POST', '/apps', { name: 'audited' });
    await alice('PATCH', '/apps/audited', { maintenance: true }, { 'user-agent': 'heroku-cli/11.0.0 linux' });
    const { list } = await alice('GET', '/apps/audited/audit-events');
    const [change] = list;
    assert.equal(change?.resource, 'app');
    assert.equal(change?.action, 'update');
    assert.deepEqual([read(change, 'actor', 'email'), read(change, 'actor', 'via')], ['alice@example.com', 'cli']);
    assert.equal(read(change, 'data', 'maintenance'), true);
    assert.deepEqual(read(change, 'data', 'changed'), ['maintenance']);
    assert.deepEqual(read(change, 'data', 'before'), { maintenance: false });
    assert.deepEqual(
      list.map(({ resource, action }) => `${resource} ${action}`),
      ['app update', 'release create', 'release create', 'app create'],
    );
  });

  test('of config vars name the keys that were set and unset in one change, and hold no value', async () => {
    await alice('POST', '/apps', { name: 'configured' });
    await alice('PATCH', '/apps/configured/config-vars', { ONE: 'value-of-one', TWO: 'value-of-two' });
    await alice('PATCH', '/apps/configured/config-vars', { ONE: null, TWO: 'another-value', THREE: '3rd-value' });
    const { list, text } = await alice('GET', '/apps/configured/audit-events?resource=config-vars');
    assert.deepEqual(
      list.map(({ data }) => data),
      [
        { set: ['TWO', 'THREE'], unset: ['ONE'] },
        { set: ['ONE', 'TWO'], unset: [] },
      ],
    );
    assert.doesNotMatch(text, /value/);
  });

  test('of a rollback name only the keys that came or went', async () => {
    await alice('POST', '/apps', { name: 'rolled' });
    await alice('PATCH', '/apps/rolled/config-vars', { KEPT: 'a' });
    const version = await releaseCode(platform, alice, 'rolled');
    await alice('PATCH', '/apps/rolled/config-vars', { LATER: 'b' });
    assert.equal((await alice('POST', '/apps/rolled/releases', { release: String(version) })).status, 201);
    const { list } = await alice('GET', '/apps/rolled/audit-events?resource=config-vars&limit=1');
    assert.deepEqual(list[0]?.data, { set: [], unset: ['LATER'] });
  });

  test('cover formation, features, domains, buildpacks, collaborators and add-ons', async () => {
    await alice('POST', '/apps', { name: 'covered' });
    await releaseCode(platform, alice, 'covered');
    await alice('PATCH', '/apps/covered/formation/web', { quantity: 2 });
    await alice('PATCH', '/apps/covered/features/http-session-affinity', { enabled: true });
    await alice('POST', '/apps/covered/domains', { hostname: 'www.covered.example', sni_endpoint: null });
    await alice('PUT', '/apps/covered/buildpack-installations', {
      updates: [{ buildpack: 'https://me:secret@example.com/a.git' }, { buildpack: 'heroku/nodejs' }],
    });
    await alice('POST', '/apps/covered/collaborators', { user: 'bob@example.com' });
    await alice('POST', '/apps/covered/addons', { plan: 'heroku-postgresql:essential-0' });
    const { list } = await alice('GET', '/apps/covered/audit-events?limit=200');
    const of = (resource: string) => list.filter((event) => event.resource === resource);
    assert.equal(
      read(
        of('formation').find(({ action }) => action === 'update'),
        'data',
        'quantity',
      ),
      2,
    );
    assert.equal(read(of('app-feature')[0], 'data', 'enabled'), true);
    assert.equal(read(of('domain')[0], 'data', 'hostname'), 'www.covered.example');
    const [buildpacks] = of('buildpack-installations');
    const urls = read(buildpacks, 'data', 'buildpacks');
    assert.ok(Array.isArray(urls) && urls.length === 2);
    assert.doesNotMatch(urls.join(' '), /secret/);
    assert.equal(read(of('collaborator')[0], 'data', 'email'), 'bob@example.com');
    assert.ok(of('addon').some(({ action }) => action === 'create'));
  });

  test('of an app that is gone stay with those who may look back on everything', async () => {
    const { account, token: adminToken } = await platform.account('admin@example.com');
    await platform.services.db
      .updateTable('accounts')
      .set({ administrator: true })
      .where('id', '=', account.id)
      .execute();
    await alice('POST', '/apps', { name: 'short-lived' });
    await alice('DELETE', '/apps/short-lived');
    const { list } = await apiClient(platform.url, adminToken)('GET', '/audit-events?resource=app&limit=1');
    assert.equal(list[0]?.action, 'destroy');
    assert.equal(read(list[0], 'app', 'name'), 'short-lived');
  });

  test('are shown page by page, each going on where the one before ended', async () => {
    await alice('POST', '/apps', { name: 'paged' });
    for (const name of ['A', 'B', 'C']) await alice('PATCH', '/apps/paged/config-vars', { [name]: '1' });
    const whole = (await alice('GET', '/apps/paged/audit-events')).list.map(({ id }) => id);
    const paged: unknown[] = [];
    for (let before = ''; ; ) {
      const { list } = await alice('GET', `/apps/paged/audit-events?limit=2&before=${before}`);
      if (list.length === 0) break;
      paged.push(...list.map(({ id }) => id));
      before = String(list.at(-1)?.id);
    }
    assert.deepEqual(paged, whole);
  });

  test('belong to a change that happens: one that is undone leaves none', async () => {
    const { db } = platform.services;
    await alice('POST', '/apps', { name: 'undone' });
    const app = await apps.find(db, 'undone');
    assert.ok(app);
    const undone = db.transaction().execute(async (tx) => {
      await apps.update(tx, app.id, { maintenance: true });
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    const { list } = await alice('GET', '/apps/undone/audit-events?resource=app');
    assert.deepEqual(
      list.map(({ action }) => action),
      ['create'],
    );
  });

  test('of a login name who logged in, and of a new token no part of it', async () => {
    const basic = Buffer.from('bob@example.com:password of bob@example.com').toString('base64');
    const made = await apiClient(platform.url)(
      'POST',
      '/oauth/authorizations',
      { description: 'a laptop' },
      {
        authorization: `Basic ${basic}`,
      },
    );
    const { list, text } = await bob('GET', '/audit-events?resource=authorization&limit=1');
    assert.equal(read(list[0], 'actor', 'email'), 'bob@example.com');
    const secret = read(made.body, 'access_token', 'token');
    assert.ok(typeof secret === 'string' && !text.includes(secret));
  });

  test('are nobody else’s business', async () => {
    await alice('POST', '/apps', { name: 'private-app' });
    assert.equal((await bob('GET', '/apps/private-app/audit-events')).status, 404);
    assert.equal((await apiClient(platform.url)('GET', '/audit-events')).status, 401);
    assert.doesNotMatch((await bob('GET', '/audit-events?limit=200')).text, /private-app/);
  });

  test('refuse a cursor that is none', async () => {
    const { status, body } = await alice('GET', '/audit-events?before=yesterday');
    assert.equal(status, 422);
    assert.match(String(body.message), /before: expected the id of an event/);
  });
});

describe('the event stream', () => {
  test('tells a change to who may see the app, and to nobody else', async () => {
    await alice('POST', '/apps', { name: 'watched' });
    const seen = await until(
      '/events',
      (event) => named(event) === 'app update',
      async () => {
        await bob('POST', '/apps', { name: 'of-bob' });
        await alice('PATCH', '/apps/watched', { maintenance: true });
      },
    );
    assert.deepEqual(seen.map(named), ['app update']);
    assert.equal(read(seen[0]?.data, 'app', 'name'), 'watched');
  });

  test('of one app carries only its own, releases and dynos included', async () => {
    await alice('POST', '/apps', { name: 'alone' });
    await releaseCode(platform, alice, 'alone');
    const seen = await until(
      '/apps/alone/events',
      (event) => named(event) === 'dyno create',
      async () => {
        await alice('PATCH', '/apps/watched', { maintenance: false });
        await alice('PATCH', '/apps/alone/config-vars', { A: '1' });
        await alice('POST', '/apps/alone/dynos', { command: 'echo --password=of-mine' });
      },
    );
    assert.deepEqual(
      seen.map(named).filter((name) => name !== 'release update'),
      ['config-vars update', 'release create', 'dyno create'],
    );
    assert.ok(!JSON.stringify(seen).includes('of-mine'));
  });

  test('tells how far the certificate of a domain has come, once for each step', async () => {
    const { db } = platform.services;
    await alice('POST', '/apps', { name: 'secured' });
    await alice('POST', '/apps/secured/domains', { hostname: 'www.secured.example', sni_endpoint: null });
    const domain = await db
      .selectFrom('domains')
      .selectAll()
      .where('hostname', '=', 'www.secured.example')
      .executeTakeFirstOrThrow();
    const seen = await until(
      '/apps/secured/events',
      (event) => named(event) === 'certificate-order destroy',
      async () => {
        await certificateOrders.begin(db, domain.id);
        await certificateOrders.note(db, domain.id, { stage: 'dns-verified' });
        await certificateOrders.note(db, domain.id, { orderUrl: 'https://acme.example/order/1' });
        await certificateOrders.note(db, domain.id, { problem: 'DNS does not lead here.', failures: 1 });
        await certificateOrders.remove(db, domain.id);
      },
    );
    const told = seen.map((event) => [
      event.data.action,
      read(event.data, 'data', 'stage'),
      read(event.data, 'data', 'problem'),
    ]);
    assert.deepEqual(told, [
      ['create', 'waiting', null],
      ['update', 'dns-verified', null],
      ['update', 'dns-verified', 'DNS does not lead here.'],
      ['destroy', 'dns-verified', 'DNS does not lead here.'],
    ]);
  });

  test('goes on behind the event that a client saw last', async () => {
    await alice('POST', '/apps', { name: 'resumed' });
    const first = await until(
      '/apps/resumed/events',
      () => true,
      () => alice('PATCH', '/apps/resumed/config-vars', { A: '1' }),
    );
    await alice('PATCH', '/apps/resumed/config-vars', { B: '2' });
    const last = first.at(-1)?.id ?? '';
    const seen = await until(
      '/apps/resumed/events',
      (event) => String(event.data.resource) === 'config-vars',
      async () => {},
      {
        ...bearer(token),
        'last-event-id': last,
      },
    );
    assert.equal(seen.at(-1)?.data.resource, 'config-vars');
    assert.deepEqual(read(seen.at(-1)?.data, 'data', 'set'), ['B']);
  });

  test('says so when it can not go back as far as a client asks', async () => {
    const [first] = await until(
      '/events',
      () => true,
      async () => {},
      { ...bearer(token), 'last-event-id': '3-1' },
    );
    assert.equal(first?.type, 'reset');
  });

  test('leaves out nothing that a slow transaction commits behind a faster one', async () => {
    const { db } = platform.services;
    await alice('POST', '/apps', { name: 'slow-one' });
    await alice('POST', '/apps', { name: 'fast-one' });
    const [slow, fast] = await Promise.all(['slow-one', 'fast-one'].map((name) => apps.find(db, name)));
    assert.ok(slow && fast);
    const ids = (found: ReceivedEvent[]) => found.map((event) => read(event.data, 'app', 'name'));
    const seen: ReceivedEvent[] = [];
    let changed: Promise<unknown> = Promise.resolve();
    const change = () =>
      db.transaction().execute(async (tx) => {
        await apps.update(tx, slow.id, { maintenance: true });
        await apps.update(db, fast.id, { maintenance: true });
      });
    const open = () => {
      changed = change();
    };
    for await (const event of readEvents(`${platform.url}/events`, bearer(token), open)) {
      seen.push(event);
      if (seen.length === 2) break;
    }
    await changed;
    assert.deepEqual(ids(seen).sort(), ['fast-one', 'slow-one']);
  });

  test('reaches readers of a feed whose connection broke meanwhile', async () => {
    const { db } = platform.services;
    await alice('POST', '/apps', { name: 'broken-line' });
    await using feed = new EventFeed(db, platform.store.url);
    const app = await apps.find(db, 'broken-line');
    assert.ok(app);
    const stop = new AbortController();
    const following = feed.follow({ kind: 'app', appId: app.id }, (await events.end(db)).end, stop.signal);
    const next = following.next();
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ravine events'`.execute(
      db,
    );
    await actAs({ id: null, email: null, via: 'api' }, () => apps.update(db, app.id, { maintenance: true }));
    const { value } = await next;
    assert.equal(value?.events[0]?.resource, 'app');
    stop.abort();
    await following.return(undefined);
  });

  test('ends when the platform stops, so that its clients come back', async () => {
    const feed = new EventFeed(platform.services.db, platform.store.url);
    const { end } = await events.end(platform.services.db);
    const following = feed.follow({ kind: 'all' }, end, new AbortController().signal);
    const next = following.next();
    feed.close();
    assert.equal((await next).done, true);
    await feed[Symbol.asyncDispose]();
  });
});
