import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameOfTransfer } from './transfer-name.ts';

test('backups, restores and copies are named as the CLI names them', () => {
  assert.equal(nameOfTransfer({ num: 1, from_type: 'pg_dump', to_type: 'gof3r' }), 'b001');
  assert.equal(nameOfTransfer({ num: 12, from_type: 'gof3r', to_type: 'pg_restore' }), 'r012');
  assert.equal(nameOfTransfer({ num: 1234, from_type: 'pg_dump', to_type: 'pg_restore' }), 'c1234');
});
