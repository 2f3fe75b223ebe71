import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProcfile } from './procfile.ts';

test('a Procfile may have comments, blank lines, Windows line ends and colons in commands', () => {
  const text = '\uFEFF# types\r\nweb: node a.js --bind :$PORT\r\n\r\nworker-2 :  ./work\nweb: node b.js';
  assert.deepEqual(parseProcfile(text), { web: 'node b.js', 'worker-2': './work' });
});

test('a type called like a property of every object is a type like others', () => {
  assert.deepEqual(Object.keys(parseProcfile('__proto__: a\nconstructor: b')), ['__proto__', 'constructor']);
});

for (const line of ['web', 'web:', 'we b: x', ': x', 'wéb: x']) {
  test(`the line ${JSON.stringify(line)} is refused with its number`, () => {
    assert.throws(() => parseProcfile(`# one\n${line}\n`), /Procfile, line 2: expected TYPE: COMMAND/);
  });
}
