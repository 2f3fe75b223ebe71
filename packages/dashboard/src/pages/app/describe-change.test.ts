import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Build, ChangeEvent, Release } from '../../api/shapes.ts';
import { describeChange } from './describe-change.ts';
import { contributorsOf, historyOf, joinDynos, keyOf, wholePart } from './history.ts';

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
  for (const resource of ['release', 'build', 'config-vars', 'dyno', 'addon', 'certificate-order', 'unheard-of']) {
    assert.equal(describeChange(change(resource, 'create', {})), undefined, resource);
  }
});

test('add-ons, certificates, jobs, dynos and offers tell what somebody did with them', () => {
  const say = (resource: string, action: ChangeEvent['action'], data: ChangeEvent['data']) => {
    const said = describeChange(change(resource, action, data));
    return said === undefined ? undefined : [said.key, ...Object.values(said.values)];
  };
  const plan = { name: 'cache-1', plan: 'memcachier:100', changed: ['plan'] };
  assert.deepEqual(say('addon', 'update', plan), ['changeAddOnPlan', 'cache-1', 'memcachier:100']);
  assert.equal(say('addon', 'update', { name: 'cache-1', changed: ['state'] }), undefined);
  const certificate = { name: 'tokyo-1', cert_domains: ['a.example', 'b.example'] };
  assert.deepEqual(say('sni-endpoint', 'create', certificate), ['changeCertificateAdded', 'a.example, b.example']);
  const job = { frequency: 'daily', at: '13:30', time_zone: 'UTC', enabled: false };
  assert.deepEqual(say('scheduler-job', 'create', job), ['changeJobAdded', 'daily 13:30 UTC']);
  assert.equal(say('scheduler-job', 'update', { ...job, changed: ['enabled'] })?.[0], 'changeJobOff');
  const dyno = { type: 'web', ordinal: 1, retire: 'restart', changed: ['retire'] };
  assert.deepEqual(say('dyno', 'update', dyno), ['changeRestarted', 'web.1']);
  assert.deepEqual(say('dyno', 'create', { type: 'run', ordinal: 4711, kind: 'run' }), ['changeRun', 'run.4711']);
  const offer = { state: 'pending', recipient: 'bob@example.com' };
  assert.deepEqual(say('app-transfer', 'create', offer), ['changeOffered', 'bob@example.com']);
  assert.equal(say('app-transfer', 'destroy', offer)?.[0], 'changeOfferWithdrawn');
});

test('dynos that somebody restarted together are one line', () => {
  const restart = (ordinal: number, at: string, retire = 'restart'): ChangeEvent => ({
    ...change('dyno', 'update', { type: 'web', ordinal, retire, changed: ['retire'] }),
    id: `dyno ${ordinal} ${retire}`,
    at,
  });
  const joined = joinDynos([
    restart(10, '2026-11-23T10:00:01Z'),
    restart(2, '2026-11-23T10:00:00Z'),
    restart(1, '2026-11-23T10:00:00Z', 'stop'),
    restart(1, '2026-11-23T09:00:00Z'),
  ]);
  assert.deepEqual(
    joined.map((one) => describeChange(one)?.values.name),
    ['web.2, web.10', 'web.1', 'web.1'],
  );
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

test('of a history only the part is shown for which all lists reach back far enough', () => {
  const releases = [release(3, '2026-11-23T10:00:03Z'), release(2, '2026-11-23T10:00:02Z')];
  const changes = [change('domain', 'create', {})]; // at 10:00:02
  const times = releases.map(({ created_at: at }) => at);
  const older = [...releases, release(1, '2026-11-23T10:00:01Z')];
  const cut = wholePart(
    historyOf(older, [], changes),
    1,
    changes.map(({ at }) => at),
  );
  assert.deepEqual([cut.part.map(keyOf), cut.more], [['release 3', 'domain create', 'release 2'], true]);
  const whole = wholePart(
    historyOf(releases, [], changes),
    3,
    times,
    changes.map(({ at }) => at),
  );
  assert.deepEqual([whole.part.length, whole.more], [3, false]);
});
