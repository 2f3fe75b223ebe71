import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalOf } from './dyno-refusal.ts';

test('a router that has run out of ports, files or memory blames itself, not the dyno', () => {
  for (const code of ['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']) assert.equal(refusalOf(code), 'H99');
});

test('a dyno that can not be reached is refusing, or too slow', () => {
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', '']) assert.equal(refusalOf(code), 'H21');
  assert.equal(refusalOf('ETIMEDOUT'), 'H19');
});
