import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAppJson } from './app-json.ts';

test('everything that Ravine uses of app.json is read, and other keys have no effect', () => {
  const text = JSON.stringify({
    name: 'Books',
    keywords: ['a'],
    stack: 'heroku-24',
    env: { A: 'x', B: { generator: 'secret' }, C: { required: false, description: 'c' }, D: { value: 'd' } },
    addons: ['heroku-postgresql', { plan: 'heroku-postgresql:mini', as: 'DB', options: { version: 17 } }],
    formation: { web: { quantity: 2, size: 'basic' }, worker: {} },
    scripts: { postdeploy: 'npm run seed', 'pr-predestroy': 'x' },
    buildpacks: [{ url: 'heroku/nodejs' }, 'heroku/python'],
  });
  assert.deepEqual(parseAppJson(text), {
    name: 'Books',
    stack: 'heroku-24',
    env: {
      A: { value: 'x', required: true },
      B: { generator: 'secret', required: true },
      C: { required: false, description: 'c' },
      D: { value: 'd', required: true },
    },
    addOns: [
      { plan: 'heroku-postgresql', options: {} },
      { plan: 'heroku-postgresql:mini', as: 'DB', options: { version: '17' } },
    ],
    formation: { web: { quantity: 2, size: 'basic' }, worker: {} },
    buildpacks: ['heroku/nodejs', 'heroku/python'],
    postdeploy: 'npm run seed',
  });
});

const wrong: [text: string, message: RegExp][] = [
  ['{', /app\.json: expected JSON/],
  ['[]', /top level: expected an object, got an array/],
  ['{"env":{"A":null}}', /env\.A: expected a string or an object, got null/],
  ['{"env":{"A":{"generator":"uuid"}}}', /env\.A\.generator: expected "secret", got string/],
  ['{"env":{"A":{"required":"yes"}}}', /env\.A\.required: expected a boolean/],
  ['{"addons":{}}', /addons: expected an array, got an object/],
  ['{"addons":[{"as":"DB"}]}', /addons\[0\]\.plan: expected a non-empty string, got undefined/],
  ['{"formation":{"web":{"quantity":-1}}}', /formation\.web\.quantity: expected a whole number/],
  ['{"buildpacks":[{}]}', /buildpacks\[0\]\.url/],
  ['{"scripts":{"postdeploy":3}}', /scripts\.postdeploy: expected a string/],
];

for (const [text, message] of wrong) {
  test(`${text} is refused with the path of what is wrong`, () => {
    assert.throws(() => parseAppJson(text), message);
  });
}
