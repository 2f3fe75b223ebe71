import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldMemory, parseRequestHead, type RequestHead } from './request-head.ts';

const head = (text: string): RequestHead => {
  const parsed = parseRequestHead(text);
  assert.ok(parsed?.kind === 'head', JSON.stringify(parsed));
  return parsed;
};

test('a head is taken apart: what the dyno gets as it came, and what the router answers or writes itself', () => {
  const parsed = head(
    'POST /a?b HTTP/1.1\r\nHost: Shop.test:80\r\nX-One: 1\r\nConnection: close, x-two\r\nX-Two: 2\r\n' +
      'Content-Length: 003\r\nX-Forwarded-For: 9.9.9.9\r\nvia: 1.0 a\r\nAccept: \t*/*\r\nX_Forwarded_Proto: https\r\n\r\nabc',
  );
  assert.equal(parsed.method, 'POST');
  assert.equal(parsed.path, '/a?b');
  assert.equal(parsed.host, 'Shop.test:80');
  assert.equal(parsed.fields, 'X-One: 1\r\nAccept: \t*/*\r\n');
  assert.equal(parsed.bodyBytes, 3);
  assert.equal(parsed.keepAlive, false);
  assert.equal(parsed.forwardedFor, '9.9.9.9');
  assert.equal(parsed.via, '1.0 a');
});

test('the end of the head is found wherever the bytes were cut', () => {
  const text = 'GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n';
  for (let cut = 0; cut < text.length; cut++) {
    assert.equal(parseRequestHead(text.slice(0, cut), Math.max(0, cut - 1)), undefined, `${cut}`);
    const whole = parseRequestHead(`${text}rest`, cut);
    assert.ok(whole?.kind === 'head' && whole.bytes === text.length);
  }
});

test('empty lines before a request count to its bytes, and only a few are borne', () => {
  assert.equal(head('\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n').bytes, 31);
  assert.equal(parseRequestHead('\r\n'.repeat(6))?.kind, 'refusal');
});

test('a head that can not become a good one is refused before it is whole', () => {
  for (const text of [
    'GET / HTTP/1.1\n',
    'GET / HTTP/1.1\r\nHost: a\n',
    'GET /\0',
    'GET / HTTP/1.1\r\nX: a\rb',
    '\n',
  ]) {
    assert.equal(parseRequestHead(text)?.kind, 'refusal', JSON.stringify(text));
    assert.equal(parseRequestHead(text, text.length - 1)?.kind, 'refusal', JSON.stringify(text));
  }
  assert.equal(parseRequestHead('x'.repeat(70_000))?.kind, 'refusal');
});

test('a switch of protocols needs both fields, no body, and is none to HTTP/2', () => {
  const upgrade = (lines: string) => head(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`).upgrade;
  assert.equal(upgrade('Connection: Upgrade\r\nUpgrade: websocket\r\n'), 'websocket');
  assert.equal(upgrade('Upgrade: websocket\r\n'), undefined);
  assert.equal(upgrade('Connection: Upgrade\r\nUpgrade: h2c\r\n'), undefined);
  assert.equal(upgrade('Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n'), undefined);
});

test('fields that are repeated to the byte say the same again, and only those', () => {
  const memory = new FieldMemory();
  const block = 'Host: Shop.test:80\r\nX-A: 1\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\n';
  const read = (text: string) => parseRequestHead(text, 0, memory);
  const first = read(`POST /1 HTTP/1.1\r\n${block}abc`);
  assert.deepEqual(first, parseRequestHead(`POST /1 HTTP/1.1\r\n${block}abc`));
  const again = `\r\nPUT /2?q HTTP/1.1\r\n${block}abcGET /3`;
  assert.deepEqual(read(again), parseRequestHead(again));
  const others = [
    `PUT /2 HTTP/1.0\r\n${block}`,
    `PUT /2 HTTP/1.1\r\n${block.replace('X-A: 1', 'X-A: 2')}`,
    `PUT /2 HTTP/1.1\r\n${block.slice(0, -2)}X-B: 1\r\n\r\n`,
    `PUT /2 HTTP/1.1\r\n${block.slice(0, -4)}4\r\n\r\n`,
    `PUT /2 HTTP/1.1\r\nX-B: 1\r\n${block}`,
    `PUT http://other.test/ HTTP/1.1\r\n${block}`,
    `PUT /2\t HTTP/1.1\r\n${block}`,
    `PUT /${'x'.repeat(8_192)} HTTP/1.1\r\n${block}`,
    `PUT /2 HTTP/1.1\r\n${block.slice(0, -1)}`,
  ];
  for (const text of others) {
    read(`POST /1 HTTP/1.1\r\n${block}abc`);
    assert.deepEqual(read(text), parseRequestHead(text), JSON.stringify(text.slice(0, 100)));
  }
});

test('limits are exact: lines, names and how many there are', () => {
  const withField = (name: number, value: number, others = 0): string =>
    `GET / HTTP/1.1\r\nHost: a\r\n${'n'.repeat(name)}:${'v'.repeat(value)}\r\n${'a:\r\n'.repeat(others)}\r\n`;
  const kindOf = (text: string): string | undefined => parseRequestHead(text)?.kind;
  assert.equal(kindOf(withField(1_000, 7_191)), 'head');
  assert.equal(kindOf(withField(1_000, 7_192)), 'refusal');
  assert.equal(kindOf(withField(1_001, 1)), 'refusal');
  assert.equal(kindOf(withField(1, 1, 998)), 'head');
  assert.equal(kindOf(withField(1, 1, 999)), 'refusal');
});
