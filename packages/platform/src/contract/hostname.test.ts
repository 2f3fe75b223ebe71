import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, isApex, keptHostname, readHostname } from './hostname.ts';
import { PlatformError } from './platform-error.ts';

const refused = (given: string, message: RegExp): void =>
  assert.throws(
    () => readHostname(given, 'apps.example.net'),
    (error) => error instanceof PlatformError && error.id === 'invalid_params' && message.test(error.message),
  );

test('a domain is kept in lower case, in ASCII, without a dot at its end', () => {
  const kept = {
    'WWW.Example.com': 'www.example.com',
    'example.com.': 'example.com',
    '*.Example.com': '*.example.com',
    'bücher.example': 'xn--bcher-kva.example',
    '*.bücher.example': '*.xn--bcher-kva.example',
    [`${'a'.repeat(63)}.example.com`]: `${'a'.repeat(63)}.example.com`,
  };
  for (const [given, name] of Object.entries(kept)) {
    assert.equal(readHostname(given, 'apps.example.net'), name);
    assert.equal(keptHostname(given), name);
  }
});

test('what is no domain is refused by what one looks like', () => {
  const wrong = [
    '',
    'shop',
    '*',
    '*.',
    '*.com',
    '*x.example.com',
    'a.*.example.com',
    '-a.example.com',
    'a_b.example.com',
  ];
  const parts = [
    'a..example.com',
    'a b.example.com',
    'a/b.example.com',
    'example.com/',
    'http://example.com',
    'a@b.com',
  ];
  const odd = ['example.com:80', 'example.com?x', 'example.com#x', 'a%2eb.com', `${'a'.repeat(64)}.example.com`];
  for (const given of [...wrong, ...parts, ...odd, `${'a.'.repeat(130)}com`, 'a\\b.com']) {
    refused(given, /is not a valid domain name: expected letters, digits and dashes/);
  }
  for (const given of ['192.0.2.1', '0x7f.1', '*.192.0.2.1'])
    refused(given, /is an IP address: expected a domain name/);
});

test('names that the platform gives to apps can not be added', () => {
  for (const given of ['apps.example.net', 'shop.apps.example.net', '*.apps.example.net', 'shop.localhost']) {
    refused(given, /where this platform gives apps their own names/);
  }
  assert.equal(readHostname('example.net', 'apps.example.net'), 'example.net');
  assert.equal(readHostname('myapps.example.net', 'apps.example.net'), 'myapps.example.net');
});

test('an apex is told from a name below it, also under registries of countries', () => {
  for (const apex of ['example.com', 'example.co.uk', 'example.com.au']) assert.equal(isApex(apex), true, apex);
  for (const name of ['www.example.com', '*.example.com', 'co.example.com', 'a.example.co.uk']) {
    assert.equal(isApex(name), false, name);
  }
});

test('a certificate serves the names in it, and one label below its wildcards', () => {
  const names = ['example.com', '*.example.com'];
  for (const host of ['example.com', 'www.example.com', '*.example.com']) assert.equal(covers(names, host), true, host);
  for (const host of ['a.b.example.com', 'example.org', '*.example.org'])
    assert.equal(covers(names, host), false, host);
  assert.equal(covers(['www.example.com'], '*.example.com'), false);
});
