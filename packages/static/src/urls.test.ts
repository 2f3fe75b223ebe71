import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { StaticError, type StaticOptions, staticFiles } from './index.ts';
import { type CollectOptions, collectStatic } from './prepare/index.ts';
import { makeFolder } from './testing.fixture.ts';

const source = {
  'css/base.css': 'a{background:url(../img/a.svg)}',
  'img/a.svg': '<svg/>',
  'js/app.js': 'import "./part.js"',
  'js/part.js': 'export const part = 1',
  'té st.txt': 'x',
};

const collected = async (context: TestContext, options: Partial<CollectOptions> = {}) => {
  const from = makeFolder(context, source);
  const root = makeFolder(context);
  await collectStatic({ root, sources: [from], prefix: '/static/', encodings: [], ...options });
  const open = (more: Partial<StaticOptions> = {}) => staticFiles({ root, prefix: '/static/', ...more });
  return { root, open, from };
};

test('url() is the fingerprinted path, with query and fragment kept', async (context) => {
  const files = (await collected(context)).open();
  assert.match(files.url('css/base.css'), /^\/static\/css\/base\.[0-9a-f]{12}\.css$/);
  assert.match(files.url('img/a.svg?v=1#icon'), /^\/static\/img\/a\.[0-9a-f]{12}\.svg\?v=1#icon$/);
  assert.match(files.url('té st.txt'), /^\/static\/t%C3%A9%20st\.[0-9a-f]{12}\.txt$/);
  assert.equal(files.url('img/'), '/static/img/');
  assert.equal(files.url(''), '/static/');
});

test('what url() gives is served for good, and what it stands for is not', async (context) => {
  const files = (await collected(context)).open();
  const caching = (target: string): string => {
    const { headers = [] } = files.answer(target, { method: 'GET', headers: {} }) ?? {};
    return headers[headers.indexOf('cache-control') + 1] ?? 'none';
  };
  assert.equal(caching(files.url('css/base.css')), 'public, max-age=31536000, immutable');
  assert.equal(caching(files.url('té st.txt')), 'public, max-age=31536000, immutable');
  assert.equal(caching('/static/css/base.css'), 'public, max-age=60');
});

test('a name that is not there is an error that names the likeliest one, or the plain URL when that is wanted', async (context) => {
  const { open } = await collected(context);
  assert.throws(
    () => open().url('css/bse.css'),
    (error) =>
      error instanceof StaticError &&
      error.code === 'missing-file' &&
      /no static file is called "css\/bse\.css" in .*; did you mean "css\/base\.css"\?/.test(error.message),
  );
  assert.throws(() => open().url('/css/base.css'), /did you mean "css\/base\.css"/);
  assert.throws(() => open().url('__proto__'), /no static file is called/);
  assert.equal(open({ strict: false }).url('css/none.css'), '/static/css/none.css');
});

test('in development url() is the plain path, and a name that is not there is an error all the same', async (context) => {
  const { open, from } = await collected(context);
  const files = open({ development: true, sources: [from] });
  assert.equal(files.url('css/base.css'), '/static/css/base.css');
  assert.throws(() => files.url('css/none.css'), StaticError);
  writeFileSync(join(from, 'css/none.css'), '');
  assert.equal(files.url('css/none.css'), '/static/css/none.css');
});

test('integrity() is that of the published bytes, with and without a manifest', async (context) => {
  const { root, open, from } = await collected(context);
  const files = open();
  const bytes = readFileSync(join(root, files.url('css/base.css').replace('/static/', '')));
  assert.equal(files.integrity('css/base.css'), `sha384-${createHash('sha384').update(bytes).digest('base64')}`);
  const plain = `sha384-${createHash('sha384').update(source['css/base.css']).digest('base64')}`;
  assert.equal(staticFiles({ root: from }).integrity('css/base.css'), plain);
  assert.throws(() => files.integrity('none.css'), StaticError);
});

test('importMap() leads modules and bare names to their files, with integrity', async (context) => {
  const files = (await collected(context)).open();
  const { imports, integrity } = files.importMap({ part: 'js/part.js' });
  assert.deepEqual(Object.keys(imports), ['/static/js/app.js', '/static/js/part.js', 'part']);
  assert.equal(imports.part, files.url('js/part.js'));
  assert.equal(integrity[files.url('js/app.js')], files.integrity('js/app.js'));
  assert.throws(() => files.importMap({ none: 'js/none.js' }), StaticError);
});

test('files of earlier releases are served for good too', async (context) => {
  const { root, open, from } = await collected(context);
  const old = open().url('img/a.svg');
  writeFileSync(join(from, 'img/a.svg'), '<svg><title>two</title></svg>');
  await collectStatic({ root, sources: [from], prefix: '/static/', encodings: [] });
  const answer = open().answer(old, { method: 'GET', headers: {} });
  assert.ok(answer?.headers.includes('public, max-age=31536000, immutable'));
  assert.notEqual(open().url('img/a.svg'), old);
});

test('without fingerprints the manifest names plain files, which may change', async (context) => {
  const files = (await collected(context, { fingerprints: false })).open();
  assert.equal(files.url('css/base.css'), '/static/css/base.css');
  const answer = files.answer('/static/css/base.css', { method: 'GET', headers: {} });
  assert.ok(answer?.headers.includes('public, max-age=60'));
  assert.match(files.integrity('css/base.css'), /^sha384-/);
});

test('a manifest that names what is not there, or is none, is an error at the start', async (context) => {
  const { root, open } = await collected(context);
  rmSync(join(root, open().url('js/part.js').replace('/static/', '')));
  assert.throws(
    open,
    /the manifest in .* names js\/part\.[0-9a-f]{12}\.js for js\/part\.js, which isn't there; run collectstatic/,
  );
  for (const [text, why] of [
    ['{"version": 1', 'it is not JSON'],
    ['{"version": 2}', 'it does not have the form'],
    ['{"version":1,"encodings":[],"originals":true,"files":{"a":{"path":"../a","integrity":""}},"kept":[]}', 'form'],
  ] as const) {
    writeFileSync(join(root, 'static-manifest.json'), text);
    assert.throws(
      open,
      (error) => error instanceof StaticError && error.code === 'broken-manifest' && error.message.includes(why),
    );
  }
});
