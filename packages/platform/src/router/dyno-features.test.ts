import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snapshotOf, startRouter } from './router.fixture.ts';
import { Wire, WireDyno } from './vector-wire.fixture.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const post = 'POST / HTTP/1.1\r\nHost: shop.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';

test('with http-disable-keepalive-to-dyno each request has a connection of its own, and the dyno is told', async () => {
  await using dyno = await WireDyno.start();
  await using router = await startRouter(snapshotOf([dyno.routed], { noDynoKeepAlive: true }));
  const client = await Wire.to(router.port);
  for (const number of [1, 2]) {
    client.text = '';
    client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    const wire = await dyno.wire(number);
    assert.match(await wire.until(/\r\n\r\n$/), /\r\nConnection: close\r\n/);
    wire.write(ok);
    // The client's own connection is kept.
    assert.match(await client.until(/ok$/), /\r\nConnection: keep-alive\r\n/);
    await wire.gone;
  }
});

test('without it the second request goes over the connection of the first', async () => {
  await using dyno = await WireDyno.start();
  await using router = await startRouter(snapshotOf([dyno.routed]));
  const client = await Wire.to(router.port);
  for (const _ of [1, 2]) {
    client.text = '';
    client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    const wire = await dyno.wire(1);
    assert.doesNotMatch(await wire.until(/\r\n\r\n$/), /\r\nConnection:/);
    wire.text = '';
    wire.write(ok);
    await client.until(/ok$/);
  }
  assert.equal(dyno.wires.length, 1);
});

test('with http-end-to-end-continue the dyno says whether it wants the body', async () => {
  await using dyno = await WireDyno.start();
  await using router = await startRouter(snapshotOf([dyno.routed], { endToEndContinue: true }));
  const client = await Wire.to(router.port);
  client.write(post);
  const wire = await dyno.wire(1);
  assert.match(await wire.until(/\r\n\r\n$/), /\r\nExpect: 100-continue\r\n/);
  assert.equal(client.text, '');
  wire.write('HTTP/1.1 100 Continue\r\nX-Secret: dropped\r\n\r\n');
  assert.equal(await client.until(/\r\n\r\n$/), 'HTTP/1.1 100 Continue\r\n\r\n');
  client.write('hello');
  await wire.until(/hello$/);
  wire.write(ok);
  await client.until(/\r\nConnection: keep-alive\r\n.*ok$/s);
});

test('a dyno that wants no body answers at once, and the connection of the client ends, since its body may still come', async () => {
  await using dyno = await WireDyno.start();
  await using router = await startRouter(snapshotOf([dyno.routed], { endToEndContinue: true }));
  const client = await Wire.to(router.port);
  client.write(post);
  const wire = await dyno.wire(1);
  await wire.until(/\r\n\r\n$/);
  wire.write('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n');
  assert.match(await client.until(/\r\n\r\n$/), /^HTTP\/1\.1 417 .*\r\nConnection: close\r\n/s);
  assert.equal(await client.gone, 'end');
  await wire.gone;
});

test('without it the router asks for the body itself, and a 100 of the dyno goes no further', async () => {
  await using dyno = await WireDyno.start();
  await using router = await startRouter(snapshotOf([dyno.routed]));
  const client = await Wire.to(router.port);
  client.write(post);
  await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  client.write('hello');
  const wire = await dyno.wire(1);
  assert.doesNotMatch(await wire.until(/hello$/), /Expect/);
  wire.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}`);
  assert.equal((await client.until(/ok$/)).match(/HTTP\/1\.1 100/g)?.length, 1);
});
