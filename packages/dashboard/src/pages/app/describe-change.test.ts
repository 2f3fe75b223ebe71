import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Build, ChangeEvent, Release } from '../../api/shapes.ts';
import { describeChange } from './describe-change.ts';
import { contributorsOf, historyOf, keyOf } from './history.ts';

const change = (resource: string, action: ChangeEvent['action'], data: ChangeEvent['data']): ChangeEvent => ({
  id: `${resource} ${action}`,
  at: '2026-11-23T10:00:02Z',
  resource,
  action,
  actor: { email: 'ann@example.com' },
  data,
});

test('a change is told by what it did, and what is told by a release already is left out', () => {
  const scaled = describeChange(change('formation', 'update', { type: 'web', quantity: 2, size: 'Basic' }));
  assert.deepEqual(scaled, { icon: 'process', key: 'changeScaled', values: { type: 'web', n: 2, size: 'Basic' } });
  const off = describeChange(change('app', 'update', { maintenance: false, changed: ['maintenance'] }));
  assert.equal(off?.key, 'changeMaintenanceOff');
  assert.equal(describeChange(change('domain', 'destroy', { hostname: 'a.example' }))?.key, 'changeDomainRemoved');
  assert.equal(describeChange(change('app', 'update', { changed: ['updated_at'] })), undefined);
  for (const resource of ['release', 'build', 'config-vars', 'dyno', 'addon', 'unheard-of']) {
    assert.equal(describeChange(change(resource, 'create', {})), undefined, resource);
  }
});

const person = { id: null, email: 'ann@example.com' };
const release = (version: number, at: string): Release => ({
  id: `release ${version}`,
  version,
  description: 'Deploy',
  status: 'succeeded',
  current: false,
  eligible_for_rollback: true,
  output_stream_url: null,
  created_at: at,
  user: person,
});
const build = (id: string, at: string, released: string | null): Build => ({
  id,
  status: released === null ? 'failed' : 'succeeded',
  failure_reason: null,
  created_at: at,
  updated_at: at,
  output_stream_url: '',
  release: released === null ? null : { id: released },
  source_blob: { version: null, version_description: null },
  user: { id: null, email: 'bob@example.com' },
});

test('history is one list, newest first; a build that became a release is told by it', () => {
  const releases = [release(2, '2026-11-23T10:00:00Z'), release(1, '2026-11-23T10:00:00Z')];
  const builds = [build('failed', '2026-11-23T10:00:01Z', null), build('made v2', '2026-11-23T09:59:00Z', 'release 2')];
  const history = historyOf(releases, builds, [change('domain', 'create', {})]);
  assert.deepEqual(history.map(keyOf), ['domain create', 'failed', 'release 2', 'release 1']);
  assert.deepEqual(contributorsOf(history), [
    { email: 'bob@example.com', count: 1, last: '2026-11-23T10:00:01Z' },
    { email: 'ann@example.com', count: 2, last: '2026-11-23T10:00:00Z' },
  ]);
});
