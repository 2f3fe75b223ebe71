import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type StaticFiles, staticFiles } from '../index.ts';
import { ask, css, makeFolder, styled, written } from '../testing.fixture.ts';

/** Starts a server that answers `application: METHOD PATH` where no file is; returns its origin. */
export type StartServer = (files: StaticFiles, context: TestContext) => Promise<string>;

/** What every adapter does alike, so that what is learnt from one holds for all. */
export const adapterCases = (name: string, start: StartServer): void => {
  const serve = async (context: TestContext, memoryBytes?: number): Promise<string> => {
    const root = makeFolder(context, {
      ...styled,
      'docs/index.html': '<h1>Docs</h1>',
      'empty.txt': '',
      '日 本.txt': 'nihon',
    });
    const kept = memoryBytes === undefined ? {} : { memoryBytes };
    return start(staticFiles({ root, prefix: '/static/', index: true, ...kept }), context);
  };

  test(`${name}: a file comes with its type, length, validators and caching`, async (context) => {
    const origin = await serve(context);
    const { status, headers, text } = await ask(origin, '/static/app.css?v=1');
    assert.equal(status, 200);
    assert.equal(text, css);
    assert.equal(headers['content-type'], 'text/css; charset=utf-8');
    assert.equal(headers['content-length'], String(css.length));
    assert.equal(headers['last-modified'], written.toUTCString());
    assert.match(headers.etag ?? '', /^"[0-9a-f]{20}"$/);
    assert.equal(headers['cache-control'], 'public, max-age=60');
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['accept-ranges'], 'bytes');
    assert.match(headers.vary ?? '', /Accept-Encoding/i);
    assert.equal(headers['content-encoding'], undefined);
  });

  test(`${name}: the smallest variant that the client accepts is sent`, async (context) => {
    const origin = await serve(context);
    const { headers, bytes } = await ask(origin, '/static/app.css', { 'accept-encoding': 'gzip' });
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(headers['content-length'], String(bytes.length));
    assert.equal(headers['content-type'], 'text/css; charset=utf-8');
    assert.equal(gunzipSync(bytes).toString(), css);
  });

  test(`${name}: HEAD gets the headers of GET and no body`, async (context) => {
    const origin = await serve(context);
    const { status, headers, bytes } = await ask(origin, '/static/app.css', {}, 'HEAD');
    assert.equal(status, 200);
    assert.equal(headers['content-length'], String(css.length));
    assert.equal(headers['content-type'], 'text/css; charset=utf-8');
    assert.equal(bytes.length, 0);
  });

  test(`${name}: 304 has no body and no headers about content, but those of caching and origin`, async (context) => {
    const origin = await serve(context);
    const { headers: first } = await ask(origin, '/static/app.css');
    const { status, headers, bytes } = await ask(origin, '/static/app.css', { 'if-none-match': first.etag ?? '' });
    assert.equal(status, 304);
    assert.equal(bytes.length, 0);
    assert.equal(headers['content-type'], undefined);
    assert.equal(headers['content-length'], undefined);
    assert.equal(headers.etag, first.etag);
    assert.equal(headers['cache-control'], first['cache-control']);
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.match(headers.vary ?? '', /Accept-Encoding/i);
  });

  for (const [where, memoryBytes] of [
    ['memory', undefined],
    ['disk', 0],
  ] as const) {
    test(`${name}: parts of a file come from ${where}`, async (context) => {
      const origin = await serve(context, memoryBytes);
      const { status, headers, text } = await ask(origin, '/static/app.css', { range: 'bytes=5-14' });
      assert.equal(status, 206);
      assert.equal(headers['content-range'], `bytes 5-14/${css.length}`);
      assert.equal(headers['content-length'], '10');
      assert.equal(text, css.slice(5, 15));
      const whole = await ask(origin, '/static/app.css');
      assert.equal(whole.text, css);
      const head = await ask(origin, '/static/app.css', {}, 'HEAD');
      assert.equal(head.headers['content-length'], String(css.length));
    });
  }

  test(`${name}: a range beyond the end is 416 with the true length, open to every origin`, async (context) => {
    const origin = await serve(context);
    const { status, headers, bytes } = await ask(origin, '/static/app.css', { range: 'bytes=99999-' });
    assert.equal(status, 416);
    assert.equal(headers['content-range'], `bytes */${css.length}`);
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['content-length'], '0');
    assert.equal(bytes.length, 0);
  });

  test(`${name}: an unmet If-Match is 412`, async (context) => {
    const { status, bytes } = await ask(await serve(context), '/static/app.css', { 'if-match': '"other"' });
    assert.equal(status, 412);
    assert.equal(bytes.length, 0);
  });

  test(`${name}: other methods on a file are 405 and say which are allowed`, async (context) => {
    const { status, headers } = await ask(await serve(context), '/static/app.css', { 'content-length': '0' }, 'POST');
    assert.equal(status, 405);
    assert.equal(headers.allow, 'GET, HEAD');
  });

  test(`${name}: folders lead to their index file`, async (context) => {
    const origin = await serve(context);
    const { status, headers } = await ask(origin, '/static/docs?a=b');
    assert.equal(status, 302);
    assert.equal(headers.location, './docs/?a=b');
    assert.equal((await ask(origin, '/static/docs/')).text, '<h1>Docs</h1>');
    assert.equal((await ask(origin, '/static/docs/index.html')).headers.location, './');
  });

  test(`${name}: names with spaces and of every script are found by their percent-encoded path`, async (context) => {
    const { status, text } = await ask(await serve(context), '/static/%E6%97%A5%20%E6%9C%AC.txt');
    assert.equal(status, 200);
    assert.equal(text, 'nihon');
  });

  test(`${name}: an empty file is an empty answer`, async (context) => {
    const { status, headers, bytes } = await ask(await serve(context), '/static/empty.txt');
    assert.equal(status, 200);
    assert.equal(headers['content-length'], '0');
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(bytes.length, 0);
  });

  test(`${name}: what is no file goes to the application, with any method`, async (context) => {
    const origin = await serve(context);
    assert.equal((await ask(origin, '/static/none.css')).text, 'application: GET /static/none.css');
    assert.equal((await ask(origin, '/books')).text, 'application: GET /books');
    const post = await ask(origin, '/books', { 'content-length': '0' }, 'POST');
    assert.equal(post.text, 'application: POST /books');
  });
};
