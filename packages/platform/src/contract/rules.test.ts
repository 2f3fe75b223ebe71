import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAccept } from './accept.ts';
import { checkAppName, randomAppName } from './app-name.ts';
import { checkConfigSize, readConfigPatch } from './config-var-rules.ts';
import { readQuantity } from './quantity.ts';
import { stableId } from './stable-id.ts';

test('app names follow the rules of Heroku, and each refusal says which one was broken', () => {
  for (const name of ['abc', 'fast-ravine-89805', 'a'.repeat(30), 'a1-']) {
    if (name === 'a1-') assert.throws(() => checkAppName(name), /end with a letter or digit/);
    else checkAppName(name);
  }
  assert.throws(() => checkAppName('ab'), /too short \(minimum is 3 characters\)/);
  assert.throws(() => checkAppName('a'.repeat(31)), /too long \(maximum is 30 characters\)/);
  for (const name of ['Bad', '1abc', 'a_b', '-abc', 'abc-', 'caf\u00e9', 'a.b']) {
    assert.throws(() => checkAppName(name), /must start with a letter/, name);
  }
  assert.throws(() => checkAppName('api'), /reserved/);
});

test('every random app name keeps the rules', () => {
  for (let index = 0; index < 500; index++) checkAppName(randomAppName());
});

test('config var names and values are checked, and numbers become text', () => {
  assert.deepEqual(readConfigPatch({ A: 'x', _b: 1, C: true, D: null }), { A: 'x', _b: '1', C: 'true', D: null });
  for (const name of ['', '1A', 'A-B', 'A B', 'A=B', 'A.B']) {
    assert.throws(() => readConfigPatch({ [name]: 'x' }), /is not a config var name/, name);
  }
  assert.throws(() => readConfigPatch({ HEROKU_X: '1' }), /reserved/);
  assert.deepEqual(readConfigPatch({ HEROKU_X: null }), { HEROKU_X: null });
  assert.throws(() => readConfigPatch({ A: { b: 1 } }), /expected a string or null, got an object/);
  assert.throws(() => readConfigPatch({ A: 'x\0y' }), /NUL/);
  for (const body of [undefined, null, [], 'x']) assert.throws(() => readConfigPatch(body), /JSON object/);
});

test('config vars of an app may take 64 KB together and not a byte more', () => {
  checkConfigSize({ A: 'x'.repeat(64 * 1024 - 1) });
  assert.throws(() => checkConfigSize({ A: 'x'.repeat(64 * 1024) }), /can't exceed 64 KB.*65537 bytes/);
  assert.throws(() => checkConfigSize({ A: '\u00e9'.repeat(40_000) }), /80001 bytes/);
});

test('quantities are absolute or relative, never below zero, and bounded', () => {
  assert.equal(readQuantity('2', 1), 2);
  assert.equal(readQuantity(3, 1), 3);
  assert.equal(readQuantity('+1', 2), 3);
  assert.equal(readQuantity('-1', 2), 1);
  assert.equal(readQuantity('-5', 2), 0);
  for (const value of ['x', '', '1.5', 1.5, -1, null, {}, 'web=1', '++1']) {
    assert.throws(() => readQuantity(value, 1), /Quantity must be a number/, String(value));
  }
  assert.throws(() => readQuantity('101', 1), /up to 100/);
});

test('version 3 and its variants are accepted, no version too, another one is not', () => {
  for (const header of [
    undefined,
    '*/*',
    'application/json',
    'application/vnd.heroku+json; version=3',
    'application/vnd.heroku+json; version=3.sdk',
  ]) {
    checkAccept(header);
  }
  for (const version of ['2', '4', '30', 'edge', '']) {
    assert.throws(() => checkAccept(`application/vnd.heroku+json; version=${version}`), /isn't spoken here/, version);
  }
});

test('a thing without a row has the same UUID in every process', () => {
  assert.equal(stableId('stack', 'heroku-24'), stableId('stack', 'heroku-24'));
  assert.notEqual(stableId('stack', 'heroku-24'), stableId('region', 'heroku-24'));
  assert.match(stableId('a', 'b'), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
