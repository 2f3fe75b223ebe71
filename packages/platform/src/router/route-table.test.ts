import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from '../domain/dice.fixture.ts';
import type { AppId, DynoId } from '../domain/ids.ts';
import { changesBetween } from '../domain/route-changes.ts';
import type { RoutedApp, RouteSnapshot } from '../domain/route-snapshot.ts';
import { RouteTable } from './route-table.ts';

const idOf = (number: number): AppId => `app-${number}` as AppId; // a name reads better in tests than a UUID
const hostNames = ['a.test', 'b.test', '*.test', 'x.a.test', '*.a.test', 'constructor', 'c.test', 'd.test'] as const;
const tokens = ['one', 'two', 'constructor'] as const;

const someOf = <Value>(dice: Dice, keys: readonly string[], value: () => Value): Record<string, Value> =>
  Object.fromEntries(keys.filter(() => dice.chance(0.6)).map((key) => [key, value()]));

const randomApp = (dice: Dice, number: number): RoutedApp => ({
  id: idOf(number),
  name: `shop-${number}`,
  state: dice.pick(['up', 'up', 'idle', 'booting']),
  maintenance: dice.chance(0.2),
  dynos: [1, 2, 3]
    .filter(() => dice.chance(0.6))
    .map((n) => ({ id: `${number}-${n}` as DynoId, name: `web.${n}`, host: '127.0.0.1', port: 1 + dice.below(2) })), // as above
});

/** Host names may lead to apps that are not there. */
const randomSnapshot = (dice: Dice, version: number): RouteSnapshot => ({
  version,
  apps: Object.fromEntries(
    [0, 1, 2, 3].filter(() => dice.chance(0.6)).map((number) => [idOf(number), randomApp(dice, number)]),
  ),
  hosts: someOf(dice, hostNames, () => idOf(dice.below(5))),
  certificates: someOf(dice, hostNames, () => `/${dice.below(3)}.pem`),
  ...(dice.chance(0.7) && { acmeTokens: someOf(dice, tokens, () => `answer ${dice.below(2)}`) }),
  ...(dice.chance(0.7) && { acmeCertificates: someOf(dice, hostNames, () => `/c${dice.below(2)}.pem`) }),
});

/** All that a table tells. */
const told = (table: RouteTable) => ({
  version: table.version,
  hosts: [...hostNames, 'y.a.test', 'unknown.test'].map((host) => {
    const route = table.findHost(host);
    return [host, route?.app, route?.targets.map(({ dyno }) => dyno), table.certificateFile(host)];
  }),
  apps: [0, 1, 2, 3, 4].map((number) => table.findApp(idOf(number))?.app),
  tokens: tokens.map((token) => table.acmeAnswer(token)),
  hasAcme: table.hasAcmeCertificates,
  acme: hostNames.map((host) => table.acmeCertificateFile(host)),
});

test('a stream of changes leaves what the last snapshot alone would have', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const dice = new Dice(seed);
    const table = new RouteTable();
    let snapshot = randomSnapshot(dice, 1);
    table.apply(snapshot);
    for (let version = 2; version < 12; version++) {
      const next = randomSnapshot(dice, version);
      if (dice.chance(0.8)) table.change(changesBetween(snapshot, next));
      else table.apply(next);
      snapshot = next;
      const fresh = new RouteTable();
      fresh.apply(snapshot);
      assert.deepEqual(told(table), told(fresh), `seed ${seed}, version ${version}`);
    }
  }
});

test('dynos that stay keep their load through changes, and those that go are busy until their last request ends', () => {
  const dyno = (port: number) => ({ id: `d-${port}` as DynoId, name: 'web.1', host: '127.0.0.1', port }); // as above
  const app = (...ports: number[]): RoutedApp => ({ ...randomApp(new Dice(1), 0), dynos: ports.map(dyno) });
  const snapshotOf = (version: number, routed: RoutedApp): RouteSnapshot => ({
    version,
    apps: { [routed.id]: routed },
    hosts: { 'a.test': routed.id },
    certificates: {},
  });
  const [first, second, third] = [snapshotOf(1, app(1, 2)), snapshotOf(2, app(2, 3)), snapshotOf(3, app(1, 2))];
  const table = new RouteTable();
  table.apply(first);
  const [one, two] = table.findHost('a.test')?.targets ?? [];
  assert.ok(one && two);
  one.requests = 1;
  table.change(changesBetween(first, second));
  assert.equal(table.findHost('a.test')?.targets[0], two);
  assert.deepEqual(table.busy(), ['d-1']);
  table.change(changesBetween(second, third));
  assert.equal(table.findHost('a.test')?.targets[0], one);
  assert.deepEqual(table.busy(), []);
  table.change(changesBetween(third, second));
  let freed = 0;
  table.onFreed = () => freed++;
  table.release(one);
  assert.deepEqual([freed, table.busy()], [1, []]);
});
