import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppId, DynoId } from './ids.ts';
import { changesBetween, noChanges } from './route-changes.ts';
import type { RoutedApp, RouteSnapshot } from './route-snapshot.ts';

const app = (name: string, port = 1): RoutedApp => ({
  id: name as AppId, // a name reads better in tests than a UUID
  name,
  state: 'up',
  maintenance: false,
  dynos: [{ id: `${name}-1` as DynoId, name: 'web.1', host: '127.0.0.1', port }], // as above
});
const snapshot = (version: number, apps: readonly RoutedApp[], more: Partial<RouteSnapshot> = {}): RouteSnapshot => ({
  version,
  apps: Object.fromEntries(apps.map((each) => [each.id, each])),
  hosts: Object.fromEntries(apps.map(({ name, id }) => [`${name}.test`, id])),
  certificates: {},
  ...more,
});

test('changes name what is another, what is there now, and what is gone, and nothing else', () => {
  const before = snapshot(1, [app('same'), app('moved', 1), app('gone')], { acmeTokens: { token: 'answer' } });
  const after = snapshot(2, [app('same'), app('moved', 2), app('fresh')], { certificates: { 'same.test': '/a.pem' } });
  assert.deepEqual(changesBetween(before, after), {
    from: 1,
    version: 2,
    apps: { moved: app('moved', 2), fresh: app('fresh'), gone: null },
    hosts: { 'fresh.test': 'fresh', 'gone.test': null },
    certificates: { 'same.test': '/a.pem' },
    acmeTokens: { token: null },
    acmeCertificates: {},
  });
});

test('a snapshot that says the same has no changes but its version', () => {
  assert.deepEqual(changesBetween(snapshot(1, [app('same')]), snapshot(2, [app('same')])), {
    ...noChanges(2),
    from: 1,
  });
});

test('names that every object knows are names like others', () => {
  const hosts = { constructor: 'a' as AppId }; // as above
  const changes = changesBetween(snapshot(1, []), snapshot(2, [], { hosts }));
  assert.deepEqual(Object.entries(changes.hosts), [['constructor', 'a']]);
});
