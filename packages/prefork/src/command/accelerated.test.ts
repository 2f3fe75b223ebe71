import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Load } from './load.fixture.ts';
import { app, childrenOf, Prefork, until } from './prefork.fixture.ts';

const byMiddleware = (prefork: Prefork): number =>
  prefork.lines.filter((line) => line === 'the middleware answered').length;

test('files that @ravine/static answers before node:http count for max-requests, without a failed one', async () => {
  await using prefork = await Prefork.start([app('accelerated'), '--max-requests', '100']);
  const [before] = await prefork.workers();
  await using load = new Load(prefork.port, { clients: 4, path: '/file.txt' });
  await prefork.said(new RegExp(`worker ${before} has served 100 requests; it is replaced`));
  await until(async () => !(await childrenOf(prefork.pid)).includes(before));
  await load.more(10);
  assert.deepEqual(load.failures, []);
  assert.equal(byMiddleware(prefork), 0);
});

test('with an access log every file that is answered is a line in it', async () => {
  await using prefork = await Prefork.start([app('accelerated'), '--access-logfile', 'access.log']);
  for (let count = 0; count < 3; count++) assert.match(await prefork.get('/file.txt'), /^file \d+$/);
  const log = async (): Promise<string> => readFile(join(prefork.folder, 'access.log'), 'utf8');
  await until(async () => (await log()).split('\n').length === 4);
  assert.match(await log(), /^.*"GET \/file\.txt HTTP\/1\.1" 200 \d+ /);
  assert.equal(byMiddleware(prefork), 3);
});

test('statsd and hooks see the files that are answered, too', async () => {
  const statsd = createSocket('udp4').bind(0, '127.0.0.1');
  await once(statsd, 'listening');
  let told = '';
  statsd.on('message', (text) => {
    told += text;
  });
  await using prefork = await Prefork.start([
    app('accelerated'),
    '--statsd-host',
    `127.0.0.1:${statsd.address().port}`,
  ]);
  await prefork.get('/file.txt');
  await until(() => /prefork\.request\.status\.200:1\|c/.test(told));
  statsd.close();
  const config = join(prefork.folder, 'prefork.config.ts');
  await writeFile(config, "export const config = { postRequest: ({ url }) => console.log('hook saw', url) };");
  await using hooked = await Prefork.start([app('accelerated'), '--config', config]);
  await hooked.get('/file.txt');
  await hooked.said(/hook saw \/file\.txt/);
});
