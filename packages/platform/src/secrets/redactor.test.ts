import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redactor } from './redactor.ts';
import { secretValues } from './secret-values.ts';

const redactWith = (config: Record<string, string>, text: string): string =>
  new Redactor(secretValues(config)).redact(text);

test('a secret named as one disappears wherever it stands in a line', () => {
  const config = { SECRET_KEY: 'correct horse battery', ADMIN_PASSWORD: 'hunter2hunter2' };
  assert.equal(
    redactWith(config, 'key=correct horse battery, again:correct horse battery hunter2hunter2!'),
    'key=[REDACTED], again:[REDACTED] [REDACTED]!',
  );
});

test('a database URL disappears, and so does its password in another URL or alone', () => {
  const config = { DATABASE_URL: 'postgres://u:p4ss%2Fword@db.example:5432/main' };
  assert.equal(redactWith(config, 'at postgres://u:p4ss%2Fword@db.example:5432/main now'), 'at [REDACTED] now');
  assert.equal(redactWith(config, 'postgresql://u:p4ss%2Fword@10.0.0.1/x'), 'postgresql://u:[REDACTED]@10.0.0.1/x');
  assert.equal(redactWith(config, 'password p4ss/word wrong'), 'password [REDACTED] wrong');
});

test('random looking values disappear under any name', () => {
  for (const value of [
    'sk_live_51H8abcdEFGHijkl',
    '9f86d081884c7d659a2feaa0c55ad015',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x',
  ]) {
    assert.equal(redactWith({ STRIPE: value }, `<${value}>`), '<[REDACTED]>');
  }
});

test('values that logs need to stay readable are left alone', () => {
  const config = {
    NODE_ENV: 'production',
    DEBUG_MODE: 'enabled',
    PORT: '12345678',
    GREETING: 'hello everyone out there',
    SHORT_TOKEN: 'abc',
    SITE_URL: 'https://www.example.com/path',
    ALLOWED_HOSTS: 'books.example.com',
    DJANGO_SETTINGS_MODULE: 'bookstore.settings.production',
    API_KEY: 'true',
    WEB_MEMORY: '512',
    EMPTY_SECRET: '',
  };
  const line = Object.values(config).join(' ');
  assert.equal(redactWith(config, line), line);
});

test('each line of a private key disappears by itself', () => {
  const config = {
    TLS_PRIVATE_KEY:
      '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n',
  };
  assert.equal(redactWith(config, 'read MIIEvQIBADANBgkqhkiG9w0B'), 'read [REDACTED]');
  assert.equal(redactWith(config, '-----BEGIN PRIVATE KEY-----'), '-----BEGIN PRIVATE KEY-----');
});

test('characters with a meaning in patterns match only themselves', () => {
  assert.equal(
    redactWith({ MY_SECRET: 'a.b*c(d[e\\f$1' }, 'a.b*c(d[e\\f$1 axb*c(d[e\\f$1'),
    '[REDACTED] axb*c(d[e\\f$1',
  );
});

test('an app without secrets keeps its lines as they are', () => {
  assert.equal(redactWith({}, 'any line'), 'any line');
});
