import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keysOf } from './live.ts';

test('an event of an app is a reason to ask for that app, one of an account for the account alone', () => {
  assert.deepEqual(keysOf({ resource: 'dyno', app: { name: 'shop' } }), [['apps'], ['app', 'shop']]);
  assert.deepEqual(keysOf({ resource: 'authorization', app: null }), [['account']]);
  assert.deepEqual(keysOf({ resource: 'account', app: null }), [['account']]);
});

test('a renamed app is asked for under both names, and what is not understood is a reason to ask for everything', () => {
  const renamed = { resource: 'app', app: { name: 'store' }, data: { before: { name: 'shop' } } };
  assert.deepEqual(keysOf(renamed), [['apps'], ['app', 'store'], ['app', 'shop']]);
  assert.deepEqual(keysOf({}), [['apps'], ['app']]);
});
