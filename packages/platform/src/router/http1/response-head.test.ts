import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResponseHead } from './response-head.ts';

test('a head is taken apart, and its framing is left to the router', () => {
  const parsed = parseResponseHead(
    'HTTP/1.1 200 Fine, thanks\r\nServer: own\r\nContent-Length: 03\r\nKeep-Alive: timeout=5\r\n' +
      'Connection: keep-alive, X-Mine\r\nX-Mine: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nabc',
  );
  assert.ok(parsed?.kind === 'head');
  assert.equal(parsed.status, 200);
  assert.equal(parsed.reason, 'Fine, thanks');
  assert.equal(parsed.fields, 'Server: own\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n');
  assert.equal(parsed.lengthBytes, 3);
  assert.equal(parsed.keepAlive, true);
  assert.equal(parsed.keepAliveSeconds, 5);
});

test('what is no HTTP is told from what is too much of it', () => {
  const codeOf = (text: string): string => {
    const parsed = parseResponseHead(text);
    return parsed?.kind === 'bad' ? `${parsed.code} ${parsed.cause ?? ''}`.trim() : String(parsed?.kind);
  };
  assert.equal(codeOf('SSH'), 'H17');
  assert.equal(codeOf('HTTP/1.1 200\r\n\r\n'), 'H17');
  assert.equal(codeOf('HTTP/1.1 200 OK\nX: y\r\n\r\n'), 'H17');
  assert.equal(codeOf('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'), 'H17');
  assert.equal(
    codeOf('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'),
    'H25 invalid content length',
  );
  assert.equal(codeOf(`HTTP/1.1 200 OK\r\nSet-Cookie: ${'x'.repeat(9_000)}\r\n\r\n`), 'H25 oversized cookie');
  assert.equal(codeOf(`HTTP/1.1 200 ${'x'.repeat(9_000)}`), 'H25 oversized status line');
  assert.equal(codeOf('HTTP/1.1 200 \r\n\r\n'), 'head');
  assert.equal(codeOf('HTT'), 'undefined');
});
