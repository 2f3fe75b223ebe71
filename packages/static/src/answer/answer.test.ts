import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Answer, staticFiles } from '../index.ts';
import { css, makeFolder, styled, written } from '../testing.fixture.ts';

const prepare = (context: TestContext, content: Readonly<Record<string, string | Buffer>> = styled) => {
  const files = staticFiles({ root: makeFolder(context, content) });
  const ask = (headers: Readonly<Record<string, string>>, method = 'GET', path = '/app.css') => {
    const answer = files.answer(path, { method, headers });
    assert.ok(answer);
    return { ...answer, header: (name: string) => headerOf(answer, name), bytes: bytesOf(answer) };
  };
  return { ask, etag: ask({}).header('etag') ?? '' };
};

const headerOf = ({ headers }: Answer, name: string): string | undefined => headers[headers.indexOf(name) + 1];
const bytesOf = ({ body }: Answer): string => (body instanceof Uint8Array ? Buffer.from(body).toString() : '');

const date = written.toUTCString();
const earlier = new Date(written.getTime() - 1_000).toUTCString();
const later = new Date(written.getTime() + 86_400_000 * 365 * 50).toUTCString();

test('If-None-Match takes a list, weak members and *', (context) => {
  const { ask, etag } = prepare(context);
  const status = (list: string): number => ask({ 'if-none-match': list }).status;
  assert.equal(status(etag), 304);
  assert.equal(status(`W/${etag}`), 304);
  assert.equal(status(`"other", ${etag}`), 304);
  assert.equal(status(`, "a,b" ,W/"x",,${etag},`), 304);
  assert.equal(status('*'), 304);
  assert.equal(status('"other"'), 200);
  assert.equal(status(etag.replaceAll('"', '')), 200);
  assert.equal(status(`"other" ${etag}`), 200);
  assert.equal(status(''), 200);
});

test('If-Modified-Since is held against the second of the last change', (context) => {
  const { ask } = prepare(context);
  const status = (since: string): number => ask({ 'if-modified-since': since }).status;
  assert.equal(status(date), 304);
  assert.equal(status(later), 304);
  assert.equal(status(earlier), 200);
  assert.equal(status('Monday, 06-May-24 07:08:09 GMT'), 304);
  assert.equal(status('Mon May  6 07:08:09 2024'), 304);
});

test('a date that is almost one is no date', (context) => {
  const { ask } = prepare(context);
  for (const since of ['Mon, 6 May 2024 07:08:09 GMT', 'Fri, 16 Apr 2027 09:34:1 GMT', '2099-01-01', 'tomorrow', ''])
    assert.equal(ask({ 'if-modified-since': since }).status, 200, since);
});

test('a tag that does not match outweighs a date that does, so that going back to an older file shows', (context) => {
  const { ask, etag } = prepare(context);
  assert.equal(ask({ 'if-none-match': '"other"', 'if-modified-since': later }).status, 200);
  assert.equal(ask({ 'if-none-match': etag, 'if-modified-since': earlier }).status, 304);
});

test('If-Match and If-Unmodified-Since refuse what changed, before anything else is looked at', (context) => {
  const { ask, etag } = prepare(context);
  assert.equal(ask({ 'if-match': '"other"', 'if-none-match': etag }).status, 412);
  assert.equal(ask({ 'if-match': `W/${etag}` }).status, 412);
  assert.equal(ask({ 'if-match': `"other", ${etag}` }).status, 200);
  assert.equal(ask({ 'if-match': '*' }).status, 200);
  assert.equal(ask({ 'if-unmodified-since': earlier }).status, 412);
  assert.equal(ask({ 'if-unmodified-since': date }).status, 200);
  assert.equal(ask({ 'if-unmodified-since': 'rubbish' }).status, 200);
  assert.equal(ask({ 'if-match': etag, 'if-unmodified-since': earlier }).status, 200);
});

test('a range gives exactly its bytes: the first, the last, from, to, and more than there are', (context) => {
  const { ask } = prepare(context);
  const size = css.length;
  const cases: readonly (readonly [range: string, start: number, end: number])[] = [
    ['bytes=0-0', 0, 0],
    ['bytes=-1', size - 1, size - 1],
    ['bytes=0-9', 0, 9],
    ['bytes=10-19', 10, 19],
    [`bytes=${size - 5}-`, size - 5, size - 1],
    ['bytes=-100', size - 100, size - 1],
    ['bytes=100-99999999999999999999', 100, size - 1],
    [`bytes=-${size * 2}`, 0, size - 1],
    ['Bytes=3-4', 3, 4],
  ];
  for (const [range, start, end] of cases) {
    const { status, header, bytes } = ask({ range });
    assert.equal(status, 206, range);
    assert.equal(header('content-range'), `bytes ${start}-${end}/${size}`);
    assert.equal(header('content-length'), String(end - start + 1));
    assert.equal(bytes, css.slice(start, end + 1));
  }
});

test('several ranges, other units and unreadable ones give everything', (context) => {
  const { ask } = prepare(context);
  for (const range of [
    'bytes=0-0,2-3',
    'bytes=5-2',
    'bytes=-',
    'bytes=a-b',
    'lines=1-2',
    'bytes 1-2',
    '',
    'bytes=--1',
  ]) {
    const { status, bytes } = ask({ range });
    assert.equal(status, 200, range);
    assert.equal(bytes, css);
  }
});

test('a range beyond the end is 416, also on an empty file, of which a suffix is everything', (context) => {
  const { ask } = prepare(context, { 'app.css': css, 'empty.css': '' });
  for (const range of [`bytes=${css.length}-`, 'bytes=999999-9999999', 'bytes=-0']) {
    const { status, header, body } = ask({ range });
    assert.equal(status, 416, range);
    assert.equal(header('content-range'), `bytes */${css.length}`);
    assert.equal(header('access-control-allow-origin'), '*');
    assert.equal(body, undefined);
  }
  assert.equal(ask({ range: 'bytes=0-' }, 'GET', '/empty.css').status, 416);
  assert.equal(ask({ range: 'bytes=-5' }, 'GET', '/empty.css').status, 200);
});

test('ranges are for GET, and HEAD tells of the whole', (context) => {
  const { ask } = prepare(context);
  const { status, header } = ask({ range: 'bytes=0-9' }, 'HEAD');
  assert.equal(status, 200);
  assert.equal(header('content-length'), String(css.length));
});

test('If-Range allows a part only of the very bytes that the client has', (context) => {
  const { ask, etag } = prepare(context);
  const status = (condition: string): number => ask({ range: 'bytes=0-9', 'if-range': condition }).status;
  assert.equal(status(etag), 206);
  assert.equal(status(date), 206);
  assert.equal(status(`W/${etag}`), 200);
  assert.equal(status('"other"'), 200);
  assert.equal(status(earlier), 200);
  assert.equal(status(later), 200);
  assert.equal(status('rubbish'), 200);
});

test('a range of a compressed answer counts compressed bytes, under that coding’s own tag', (context) => {
  const { ask, etag } = prepare(context);
  const gzipped = ask({ 'accept-encoding': 'gzip' });
  const part = ask({ 'accept-encoding': 'gzip', range: 'bytes=2-5' });
  assert.equal(part.status, 206);
  assert.equal(part.header('content-encoding'), 'gzip');
  assert.equal(part.header('etag'), gzipped.header('etag'));
  assert.notEqual(part.header('etag'), etag);
  assert.deepEqual(part.body, gzipped.body instanceof Uint8Array && gzipped.body.subarray(2, 6));
  assert.equal(ask({ 'accept-encoding': 'gzip', 'if-none-match': etag }).status, 200);
});

test('a client that refuses every coding there is gets 406, and only then', (context) => {
  const { ask } = prepare(context);
  assert.equal(ask({ 'accept-encoding': 'zstd, identity;q=0' }).status, 406);
  assert.equal(ask({ 'accept-encoding': '*;q=0' }).status, 406);
  assert.equal(ask({ 'accept-encoding': '*;q=0' }).header('vary'), 'Accept-Encoding');
  assert.equal(ask({ 'accept-encoding': 'gzip, *;q=0' }).header('content-encoding'), 'gzip');
});

test('every method but GET and HEAD is 405', (context) => {
  const { ask } = prepare(context);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'get']) {
    const { status, header } = ask({}, method);
    assert.equal(status, 405, method);
    assert.equal(header('allow'), 'GET, HEAD');
  }
});
