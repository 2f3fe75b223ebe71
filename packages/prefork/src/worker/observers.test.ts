import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { app, Prefork, until } from '../command/prefork.fixture.ts';

const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

test('the access log has one line per request in the combined format, and clients can not forge one', async () => {
  await using prefork = await Prefork.start([app('app'), '--access-logfile', 'access.log']);
  const log = join(prefork.folder, 'access.log');
  await prefork.get('/?a=1', { 'user-agent': 'mine" 200 "' });
  await until(async () => (await linesOf(log)).length === 1);
  const [line = ''] = await linesOf(log);
  const size = String((await prefork.workers())[0]).length;
  assert.match(
    line,
    new RegExp(
      `^127\\.0\\.0\\.1 - - \\[\\d\\d/[A-Z][a-z][a-z]/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000\\] "GET /\\?a=1 HTTP/1\\.1" 200 ${size} "-" "mine\\\\" 200 \\\\""$`,
    ),
  );
});

test('formats of own atoms and JSON lines; a client that left is 499', async () => {
  await using own = await Prefork.start([
    app('app'),
    '--access-logfile',
    '-',
    '--access-logformat',
    '%(m)s %(U)s %(q)s %(s)s %({x-id}i)s %({x-app}o)s %(M)s %(L)s %(p)s',
  ]);
  const [worker] = await own.workers();
  await own.get('/client?q=2', { 'x-id': '7' });
  await own.said(new RegExp(`^GET /client q=2 200 7 it \\d+ 0\\.\\d{6} ${worker}$`, 'm'));
  const leaving = get({ host: '127.0.0.1', port: own.port, path: '/slow?ms=60000' });
  leaving.on('error', () => undefined);
  await own.get();
  leaving.destroy();
  await own.said(/^GET \/slow ms=60000 499 /m);
  await using json = await Prefork.start([app('app'), '--access-logfile', '-', '--access-logformat', 'json']);
  await json.get('/x');
  const [text] = await json.said(/^\{.*\}$/m);
  const { method, path, status, protocol } = JSON.parse(text) as Record<string, unknown>;
  assert.deepEqual([method, path, status, protocol], ['GET', '/x', 200, 'HTTP/1.1']);
});

test('statsd gets requests, durations, statuses and the number of workers', async () => {
  const server = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const lines: string[] = [];
  server.on('message', (message) => lines.push(...message.toString().split('\n')));
  await using prefork = await Prefork.start([app('app'), '--statsd-host', `127.0.0.1:${server.address().port}`]);
  await prefork.get();
  const heard = (pattern: RegExp): Promise<void> => until(() => lines.some((line) => pattern.test(line)));
  await heard(/^prefork\.requests:1\|c$/);
  await heard(/^prefork\.request\.duration:\d+\.\d+\|ms$/);
  await heard(/^prefork\.request\.status\.200:1\|c$/);
  await heard(/^prefork\.workers:1\|g$/);
  server.close();
});

interface Seen {
  readonly address: string;
  readonly scheme: string;
  readonly host: string;
  readonly seen: Readonly<Record<string, string>>;
  readonly raw: readonly string[];
}

const forwarded = {
  'x-forwarded-for': '198.51.100.7, 203.0.113.5',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'shop.example',
};

test('a believed proxy tells the client, its scheme and host; when its headers disagree the answer is 400', async () => {
  await using prefork = await Prefork.start([app('app')]);
  const seen = JSON.parse(await prefork.get('/client', forwarded)) as Seen;
  assert.deepEqual([seen.address, seen.scheme, seen.host], ['203.0.113.5', 'https', 'shop.example']);
  assert.match(await prefork.get('/client', { ...forwarded, 'x-forwarded-ssl': 'off' }), /disagree about the scheme/);
});

test('a peer that is not believed is the client itself; its forwarded headers are kept, stripped or refused', async () => {
  const start = (policy: string): Promise<Prefork> =>
    Prefork.start([app('app'), '--forwarded-allow-ips', '192.0.2.0/24', '--forwarded-headers', policy]);
  await using keep = await start('keep');
  const kept = JSON.parse(await keep.get('/client', forwarded)) as Seen;
  assert.deepEqual([kept.address, kept.scheme, kept.seen['x-forwarded-proto']], ['127.0.0.1', 'http', 'https']);
  await using strip = await start('strip');
  const stripped = JSON.parse(await strip.get('/client', { ...forwarded, 'x-other': '1' })) as Seen;
  assert.deepEqual(
    Object.keys(stripped.seen).filter((name) => name.startsWith('x-')),
    ['x-other'],
  );
  assert.ok(!stripped.raw.some((name) => name.toLowerCase().startsWith('x-forwarded')));
  await using refuse = await start('refuse');
  assert.match(await refuse.get('/client', forwarded), /The header x-forwarded-\w+ is not accepted from this address/);
  assert.match(await refuse.get('/'), /^\d+$/);
});

test('hooks of the config file are called, in the master and in the worker, and a fault in one is only logged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'prefork-hooks-'));
  const note = (name: string): string =>
    `${name}: (...args) => console.log('hook ${name}', typeof args[0], ...args.slice(1).map((arg) => typeof arg)),`;
  const names = [
    'onStarting',
    'onReload',
    'preFork',
    'postFork',
    'childExit',
    'nworkersChanged',
    'onExit',
    'postWorkerInit',
    'postRequest',
    'workerInt',
    'workerExit',
  ];
  await writeFile(
    join(folder, 'prefork.config.js'),
    `export default { ${names.map(note).join('\n')} whenReady: () => { throw new Error('a fault'); },
      preRequest: (request, response) => { if (request.url === '/closed') { response.statusCode = 403; response.end('closed'); } } };`,
  );
  await using prefork = await Prefork.start([app('app')], { cwd: folder });
  await prefork.said(/ERROR\] hook whenReady: Error: a fault/);
  assert.equal(await prefork.get('/closed'), 'closed');
  assert.match(await prefork.get(), /^\d+$/);
  prefork.signal('SIGHUP');
  await prefork.said(/reloaded/);
  prefork.signal('SIGTTIN');
  await prefork.said(/hook nworkersChanged object number number/);
  prefork.signal('SIGTERM');
  assert.equal(await prefork.exited, 0);
  for (const name of names) assert.match(prefork.text, new RegExp(`hook ${name} `));
  assert.match(prefork.text, /hook childExit object number string/);
  await rm(folder, { recursive: true, force: true });
});
