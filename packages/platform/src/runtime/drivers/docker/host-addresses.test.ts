import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dockerHostName, seenFromContainer } from './host-addresses.ts';

const ports = [{ from: 15_432, to: 15_999 }];

test('addresses of add-ons on this machine are those of the host, others stay', () => {
  for (const [value, seen] of [
    ['postgres://u:p@localhost:15432/d', 'postgres://u:p@host.docker.internal:15432/d'],
    ['127.0.0.1:15500,localhost:15501', 'host.docker.internal:15500,host.docker.internal:15501'],
    ['http://[::1]:15999/bucket', 'http://host.docker.internal:15999/bucket'],
    ['localhost:154321', 'localhost:154321'],
    ['http://localhost:8000/', 'http://localhost:8000/'],
    ['notlocalhost:15432', 'notlocalhost:15432'],
    ['postgres://u:localhost:1@db.example.com:15432/d', 'postgres://u:localhost:1@db.example.com:15432/d'],
  ] as const)
    assert.equal(seenFromContainer(value, ports, dockerHostName), seen);
});
