import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAddOnName, randomAddOnName } from './add-on-name.ts';
import { attachmentName } from './attachment-name.ts';
import { findService, plansOf, resolvePlan, type Service } from './catalogue.ts';

const postgres = findService('heroku-postgresql') as Service; // The catalogue's first entry.

test('a service without a plan means its default plan', () => {
  assert.equal(resolvePlan('heroku-postgresql').fullName, 'heroku-postgresql:essential-0');
});

test('plans that Heroku no longer sells are accepted under their own name, and not listed', () => {
  for (const name of ['hobby-dev', 'hobby-basic', 'dev', 'mini', 'basic']) {
    assert.equal(resolvePlan(`heroku-postgresql:${name}`).fullName, `heroku-postgresql:${name}`);
    assert.ok(!plansOf(postgres).some((plan) => plan.name === name));
  }
});

test('an unknown service and an unknown plan are refused in the words of Heroku', () => {
  for (const name of ['memcached', 'heroku-postgresql:huge', 'toString', '']) {
    assert.throws(() => resolvePlan(name), {
      id: 'not_found',
      message: new RegExp(
        `^Couldn't find either the add-on service or the add-on plan of "${name}"\\. (Services: heroku-postgresql, |Plans of heroku-postgresql: essential-0, )`,
      ),
    });
  }
});

test('plans and services are found by their id as well', () => {
  const plan = resolvePlan('heroku-postgresql:standard-0');
  assert.equal(resolvePlan(plan.id), plan);
  assert.equal(findService(postgres.id), postgres);
});

test('each service has exactly one default plan', () => {
  assert.deepEqual(
    plansOf(postgres)
      .filter((plan) => plan.isDefault)
      .map((plan) => plan.name),
    ['essential-0'],
  );
});

test('the first database is DATABASE, and each further one has a colour of its own', () => {
  const taken: string[] = [];
  for (let count = 0; count < 40; count++) {
    const chosen = attachmentName(postgres, taken, []);
    assert.ok(chosen.kind === 'name' && !taken.includes(chosen.name));
    taken.push(chosen.name);
  }
  assert.equal(taken[0], 'DATABASE');
  assert.match(taken[1] ?? '', /^HEROKU_POSTGRESQL_[A-Z]+$/);
});

test('a DATABASE_URL that the user has set is not overwritten by a database that gets no name', () => {
  const chosen = attachmentName(postgres, [], ['DATABASE_URL']);
  assert.ok(chosen.kind === 'name' && chosen.name.startsWith('HEROKU_POSTGRESQL_'));
});

test('an attachment gets the name asked for in capitals, unless it is malformed, taken or overwrites a config var', () => {
  assert.deepEqual(attachmentName(postgres, [], [], 'primary-db'), { kind: 'name', name: 'PRIMARY_DB' });
  assert.equal(attachmentName(postgres, [], [], '9lives').kind, 'malformed');
  assert.equal(attachmentName(postgres, [], [], 'a b').kind, 'malformed');
  assert.equal(attachmentName(postgres, ['REPORTS'], [], 'reports').kind, 'taken');
  assert.equal(attachmentName(postgres, [], ['REPORTS_URL'], 'reports').kind, 'taken');
});

test('random add-on names look like those of Heroku', () => {
  const name = randomAddOnName(postgres);
  assert.match(name, /^postgresql-[a-z]+-\d{5}$/);
  assert.ok(isAddOnName(name));
  assert.ok(!isAddOnName('Capital') && !isAddOnName('trailing-') && !isAddOnName('1st'));
});
