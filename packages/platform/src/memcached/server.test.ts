import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from './limits.data.ts';
import { asciiLogin, Client, megabyte, startOurs, tenantSettings } from './servers.fixture.ts';

const signedIn = async (port: number, user = 'shop', of = user): Promise<Client> => {
  const client = new Client(port);
  client.send(asciiLogin(user, `secret-of-${of}`));
  assert.equal(String(await client.until('\r\n')), 'STORED\r\n');
  return client;
};

const ask = async (client: Client, command: string, ending = '\r\n'): Promise<string> => {
  client.send(`${command}\r\n`);
  return (await client.until(ending)).toString('latin1').trimEnd();
};

const stat = async (client: Client, name: string): Promise<number> =>
  Number(new RegExp(`STAT ${name} (\\d+)`).exec(await ask(client, 'stats', 'END\r\n'))?.[1]);

test('a client that shows no credential, or a wrong one, gets nothing', async () => {
  await using ours = await startOurs();
  for (const [bytes, answer] of [
    ['get a\r\n', /^CLIENT_ERROR unauthenticated/],
    [asciiLogin('shop', 'guess'), /^CLIENT_ERROR authentication failure/],
    [asciiLogin('nobody', 'secret-of-shop'), /^CLIENT_ERROR authentication failure/],
    ['set a 0 0 9999\r\n', /^CLIENT_ERROR authentication failure/],
    ['x'.repeat(5000), /^CLIENT_ERROR line too long/],
  ] as const) {
    const client = new Client(ours.port);
    client.send(bytes);
    assert.match(String(await client.closed()), answer);
  }
});

test('tenants see neither items nor counters of each other', async () => {
  await using ours = await startOurs();
  ours.tenants.become([tenantSettings('shop', megabyte), tenantSettings('blog', megabyte)]);
  const [shop, blog] = [await signedIn(ours.port), await signedIn(ours.port, 'blog')];
  assert.equal(await ask(shop, 'set a 0 0 1\r\n1'), 'STORED');
  assert.equal(await ask(blog, 'get a'), 'END');
  assert.equal(await ask(blog, 'flush_all'), 'OK');
  assert.match(await ask(shop, 'get a', 'END\r\n'), /^VALUE a/);
  assert.deepEqual([await stat(shop, 'curr_items'), await stat(blog, 'curr_items')], [1, 0]);
  for (const client of [shop, blog]) client.socket.destroy();
});

test('a full cache forgets what was used least recently, and never holds more than its plan', async () => {
  await using ours = await startOurs(megabyte);
  const client = await signedIn(ours.port);
  const value = 'v'.repeat(10_000);
  for (let index = 0; index < 500; index++) {
    client.send(`set k${index} 0 0 ${value.length} noreply\r\n${value}\r\n`);
    client.send('get k0\r\n');
    await client.until('END\r\n');
  }
  assert.ok((await stat(client, 'bytes')) <= megabyte);
  assert.ok((await stat(client, 'evictions')) > 300);
  assert.match(await ask(client, 'get k0', 'END\r\n'), /^VALUE k0/);
  assert.equal(await ask(client, 'get k1'), 'END');
  ours.tenants.become([tenantSettings('shop', megabyte / 4)]);
  assert.ok((await stat(client, 'bytes')) <= megabyte / 4);
  client.socket.destroy();
});

test('a value of a megabyte is kept, a larger one refused, and what it would have replaced is gone', async () => {
  await using ours = await startOurs();
  const client = await signedIn(ours.port);
  const value = 'v'.repeat(limits.valueBytes);
  assert.equal(await ask(client, `set a 0 0 ${value.length}\r\n${value}`), 'STORED');
  assert.equal((await ask(client, 'get a', 'END\r\n')).length, `VALUE a 0 ${value.length}\r\n${value}\r\nEND`.length);
  assert.equal(await ask(client, `append a 0 0 1\r\n!`), 'SERVER_ERROR object too large for cache');
  assert.equal(
    await ask(client, `set a 0 0 ${value.length + 1}\r\n${value}!`),
    'SERVER_ERROR object too large for cache',
  );
  assert.equal(await ask(client, 'get a'), 'END');
  client.socket.destroy();
});

test('a credential for reading may neither write nor flush, in any command', async () => {
  await using ours = await startOurs();
  const [writer, reader] = [await signedIn(ours.port), await signedIn(ours.port, 'shop-reader', 'shop')];
  await ask(writer, 'set a 0 0 1\r\n1');
  for (const command of [
    'set a 0 0 1\r\n2', 'append a 0 0 1\r\n2', 'cas a 0 0 1 1\r\n2', 'delete a', 'incr a 1', 'touch a 5', 'flush_all',
    'ms a 1\r\n2', 'md a', 'ma a', 'mg b N5', 'mg a T5', `set a 0 0 ${limits.valueBytes + 1}\r\n${'x'.repeat(limits.valueBytes + 1)}`,
  ]) assert.match(await ask(reader, command), /permission denied|too large/, command.slice(0, 20)); // biome-ignore format: a list
  assert.equal(await ask(reader, 'get a', 'END\r\n'), 'VALUE a 0 1\r\n1\r\nEND');
  for (const client of [writer, reader]) client.socket.destroy();
});

test('a credential that is taken away ends the connections made with it, and no others', async () => {
  await using ours = await startOurs();
  const [writer, reader] = [await signedIn(ours.port), await signedIn(ours.port, 'shop-reader', 'shop')];
  const { credentials, ...rest } = tenantSettings('shop', megabyte);
  ours.tenants.become([{ ...rest, credentials: credentials.slice(0, 1) }]);
  ours.server.inspect();
  await reader.closed();
  assert.equal(await ask(writer, 'set a 0 0 1\r\n1'), 'STORED');
  writer.socket.destroy();
});

test('a client that does not read its answers is read from no further, and cut in the end', async () => {
  await using ours = await startOurs();
  const client = await signedIn(ours.port);
  const value = 'v'.repeat(500_000);
  await ask(client, `set a 0 0 ${value.length}\r\n${value}`);
  client.socket.pause();
  const before = process.memoryUsage().rss;
  for (let index = 0; index < 2_000; index++) client.send('get a\r\n');
  const other = await signedIn(ours.port);
  for (let index = 0; index < 100; index++) await ask(other, 'get none');
  assert.ok(process.memoryUsage().rss - before < 200 * megabyte); // of a thousand that were asked for
  ours.server.inspect(performance.now() + limits.stalledMs + 1_000);
  client.socket.resume();
  await client.closed();
  assert.equal(await ask(other, 'get none'), 'END');
  other.socket.destroy();
});

test('a client that stays in the middle of a command, or of its login, is cut', async () => {
  await using ours = await startOurs();
  const [half, silent, idle] = [await signedIn(ours.port), new Client(ours.port), await signedIn(ours.port)];
  half.send('set a 0 0 100\r\nabc');
  await ask(idle, 'get a');
  ours.server.inspect(performance.now() + limits.stalledMs + 1_000);
  await Promise.all([half.closed(), silent.closed()]);
  assert.equal(await ask(idle, 'get a'), 'END');
  idle.socket.destroy();
});
