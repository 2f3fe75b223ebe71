import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Answer, StaticError, type StaticFiles, type StaticOptions, staticFiles } from './index.ts';
import { makeFolder, putFiles, styled } from './testing.fixture.ts';

type Files = Readonly<Record<string, string | Buffer>>;

const get = (files: StaticFiles, target: string, headers: Record<string, string> = {}): Answer | undefined =>
  files.answer(target, { method: 'GET', headers });

const headersOf = (answer: Answer | undefined): Headers => {
  const headers = new Headers();
  for (let i = 0; i < (answer?.headers.length ?? 0); i += 2)
    headers.append(answer?.headers[i] ?? '', answer?.headers[i + 1] ?? '');
  return headers;
};

const textOf = (answer: Answer | undefined): string | undefined =>
  answer?.body instanceof Uint8Array ? Buffer.from(answer.body).toString() : undefined;

const both = (
  name: string,
  content: Files,
  options: Partial<StaticOptions>,
  check: (files: StaticFiles, root: string) => void,
): void => {
  for (const development of [false, true]) {
    test(`${name} (${development ? 'development' : 'production'})`, (context) => {
      const root = makeFolder(context, content);
      check(staticFiles({ root, prefix: '/static/', development, ...options }), root);
    });
  }
};

const secrets = { 'app.css': 'a{}', '.env': 'SECRET=1', '.git/config': 'x', '.well-known/security.txt': 'Contact:' };

both('names that begin with a dot are not served, but for .well-known', secrets, {}, (files) => {
  assert.equal(get(files, '/static/.env'), undefined);
  assert.equal(get(files, '/static/.git/config'), undefined);
  assert.equal(get(files, '/static/%2Eenv'), undefined);
  assert.equal(textOf(get(files, '/static/.well-known/security.txt')), 'Contact:');
});

both('names that begin with a dot are served when asked for', secrets, { dotfiles: 'serve' }, (files) => {
  assert.equal(textOf(get(files, '/static/.env')), 'SECRET=1');
});

for (const development of [false, true]) {
  test(`no path leads out of the root or to nothing (${development ? 'development' : 'production'})`, (context) => {
    const folder = makeFolder(context, { 'outside.txt': 'secret', 'root/app.css': 'a{}', 'root/sub/b.css': 'b{}' });
    const files = staticFiles({ root: join(folder, 'root'), prefix: '/static/', index: true, development });
    for (const target of [
      '/static/../outside.txt',
      '/static/%2e%2e/outside.txt',
      '/static/..%2foutside.txt',
      '/static/..%5coutside.txt',
      '/static/sub/../app.css',
      '/static/./app.css',
      '/static//app.css',
      '/static/app.css%00.png',
      '/static/app.css/',
      '/static/app.css/x',
      '/static/%',
      '/static/%ff%fe',
      '/static/C:%5CWindows%5Cwin.ini',
      '/static//etc/passwd',
      `/static/${'x'.repeat(10_000)}`,
      '/static/',
      '/static/sub',
      '/static',
      '/app.css',
      '*',
      'http://evil.example/static/app.css',
      '',
    ])
      assert.equal(get(files, target), undefined, target);
  });
}

both(
  'precompressed variants have no URL of their own while the file is there',
  { ...styled, 'alone.gz': 'x' },
  {},
  (files) => {
    assert.equal(get(files, '/static/app.css.gz'), undefined);
    assert.equal(get(files, '/static/app.css.br'), undefined);
    assert.equal(textOf(get(files, '/static/alone.gz')), 'x');
  },
);

both(
  'neither the manifest nor what collectstatic works with is served',
  {
    'app.css': 'a{}',
    '.static-collect/1': 'x',
    '.static-collect.json': '[]',
  },
  { dotfiles: 'serve' },
  (files) => {
    assert.equal(get(files, '/static/static-manifest.json'), undefined);
    assert.equal(get(files, '/static/.static-collect/1'), undefined);
    assert.equal(get(files, '/static/.static-collect.json'), undefined);
  },
);

const linked = (context: TestContext): { root: string; outside: string } => {
  const outside = makeFolder(context, { 'secret.txt': 'secret' });
  const root = makeFolder(context, { 'a.txt': 'a', 'folder/b.txt': 'b' });
  symlinkSync('a.txt', join(root, 'inside.txt'));
  symlinkSync('folder', join(root, 'inside'));
  symlinkSync(join(outside, 'secret.txt'), join(root, 'outside.txt'));
  symlinkSync(outside, join(root, 'outside'));
  symlinkSync('nothing', join(root, 'dangling.txt'));
  symlinkSync('.', join(root, 'round'));
  return { root, outside };
};

for (const development of [false, true]) {
  const mode = development ? 'development' : 'production';
  test(`links are followed only to what lies in the root, unless the setting says otherwise (${mode})`, (context) => {
    const { root } = linked(context);
    const open = (symlinks: 'inside' | 'follow' | 'refuse') => {
      const files = staticFiles({ root, symlinks, development, warn: () => {} });
      return (path: string) => textOf(get(files, path));
    };
    const inside = open('inside');
    assert.deepEqual(['/a.txt', '/inside.txt', '/inside/b.txt'].map(inside), ['a', 'a', 'b']);
    assert.deepEqual(['/outside.txt', '/outside/secret.txt', '/dangling.txt'].map(inside), [
      undefined,
      undefined,
      undefined,
    ]);
    const follow = open('follow');
    assert.deepEqual(['/outside.txt', '/outside/secret.txt', '/inside.txt'].map(follow), ['secret', 'secret', 'a']);
    const refuse = open('refuse');
    assert.deepEqual(['/a.txt', '/inside.txt', '/inside/b.txt'].map(refuse), ['a', undefined, undefined]);
  });
}

test('links that lead out, to nothing or in circles are warned about once, when files are scanned', (context) => {
  const { root } = linked(context);
  const warnings: string[] = [];
  staticFiles({ root, warn: (message) => warnings.push(message) });
  assert.equal(warnings.length, 4);
  assert.ok(warnings.some((message) => /outside\.txt is a link out of .*symlinks to 'follow'/.test(message)));
  assert.ok(warnings.some((message) => /round is a link to a folder that it lies in/.test(message)));
});

test('a folder that is not there is a warning, and serves nothing', (context) => {
  const warnings: string[] = [];
  const root = join(makeFolder(context), 'none');
  const files = staticFiles({ root, warn: (message) => warnings.push(message) });
  assert.deepEqual(warnings, [`there is no folder ${root}; nothing is served from it`]);
  assert.equal(get(files, '/app.css'), undefined);
});

test('production answers from what was scanned, development from the disk', (context) => {
  const root = makeFolder(context, { 'a.txt': 'one' });
  const production = staticFiles({ root });
  const development = staticFiles({ root, development: true });
  putFiles(root, { 'a.txt': 'two', 'b.txt': 'new' });
  assert.equal(textOf(get(production, '/a.txt')), 'one');
  assert.equal(get(production, '/b.txt'), undefined);
  assert.equal(textOf(get(development, '/a.txt')), 'two');
  assert.equal(textOf(get(development, '/b.txt')), 'new');
  assert.equal(headersOf(get(development, '/a.txt')).get('cache-control'), 'public, max-age=0');
});

test('development mode serves the sources, the first that has a file, without collecting', (context) => {
  const [one, two] = [
    makeFolder(context, { 'a.txt': 'first' }),
    makeFolder(context, { 'a.txt': 'second', 'b.txt': 'b' }),
  ];
  const root = makeFolder(context, { 'a.txt': 'collected' });
  const options = { root, sources: [one, two, `vendor=${two}`], prefix: '/static/' };
  const files = staticFiles({ ...options, development: true });
  assert.equal(textOf(get(files, '/static/a.txt')), 'first');
  assert.equal(textOf(get(files, '/static/b.txt')), 'b');
  assert.equal(textOf(get(files, '/static/vendor/b.txt')), 'b');
  assert.equal(files.url('vendor/b.txt'), '/static/vendor/b.txt');
  assert.equal(textOf(get(staticFiles(options), '/static/a.txt')), 'collected');
});

test('a root may be a path or a file URL, and later folders win over earlier ones', (context) => {
  const [one, two] = [makeFolder(context, { 'a.txt': 'one', 'b.txt': 'b' }), makeFolder(context, { 'a.txt': 'two' })];
  const files = staticFiles({ root: pathToFileURL(one), prefix: 'static' })
    .addFiles(two, '/static/')
    .addFiles(one, '/');
  assert.equal(textOf(get(files, '/static/a.txt')), 'two');
  assert.equal(textOf(get(files, '/static/b.txt')), 'b');
  assert.equal(textOf(get(files, '/a.txt')), 'one');
});

test('a prefix that is a whole URL stands in links, and its path in requests', (context) => {
  const files = staticFiles({
    root: makeFolder(context, { 'a b.txt': 'a' }),
    prefix: 'https://cdn.example.com/st%20atic',
  });
  assert.equal(files.url('a b.txt'), 'https://cdn.example.com/st%20atic/a%20b.txt');
  assert.equal(textOf(get(files, '/st%20atic/a%20b.txt')), 'a');
});

test('a file dated 1970 has no Last-Modified, and one dated ahead has none from the future', (context) => {
  const root = makeFolder(context, { 'old.txt': 'old', 'new.txt': 'new' });
  utimesSync(join(root, 'old.txt'), 0, 0);
  utimesSync(join(root, 'new.txt'), new Date(), new Date(Date.now() + 86_400_000));
  const files = staticFiles({ root });
  const old = headersOf(get(files, '/old.txt'));
  assert.equal(old.get('last-modified'), null);
  assert.match(old.get('etag') ?? '', /^"/);
  assert.ok(Date.parse(headersOf(get(files, '/new.txt')).get('last-modified') ?? '') <= Date.now());
});

test('own media types and headers are set when files are scanned, and stay on 304', (context) => {
  const seen: string[] = [];
  const files = staticFiles({
    root: makeFolder(context, { 'a.foo': 'a', LICENSE: 'MIT', 'app.css': 'a{}' }),
    mediaTypes: { '.foo': 'application/x-foo', license: 'text/plain' },
    headers: (headers, { name, url, path, immutable }) => {
      seen.push(name);
      assert.equal(url, `/${name}`);
      assert.ok(path.endsWith(`/${name}`));
      assert.equal(immutable, false);
      headers.set('X-Frame-Options', 'DENY');
      if (name === 'app.css') headers.delete('access-control-allow-origin');
    },
  });
  assert.deepEqual(seen.sort(), ['LICENSE', 'a.foo', 'app.css']);
  assert.equal(headersOf(get(files, '/a.foo')).get('content-type'), 'application/x-foo');
  assert.equal(headersOf(get(files, '/LICENSE')).get('content-type'), 'text/plain; charset=utf-8');
  const first = headersOf(get(files, '/app.css'));
  assert.equal(first.get('x-frame-options'), 'DENY');
  assert.equal(first.get('access-control-allow-origin'), null);
  const second = get(files, '/app.css', { 'if-none-match': first.get('etag') ?? '' });
  assert.equal(second?.status, 304);
  assert.equal(headersOf(second).get('x-frame-options'), 'DENY');
  assert.equal(seen.length, 3);
});

test('a header that can’t be sent is refused when files are scanned', (context) => {
  const root = makeFolder(context, { 'a.txt': 'a' });
  assert.throws(() => staticFiles({ root, headers: (headers) => void headers.set('x-a', 'b\r\nc: d') }), TypeError);
  assert.throws(() => staticFiles({ root, headers: (headers) => void headers.set('x a', 'b') }), TypeError);
});

test('files that never change may be named by a RegExp or a function', (context) => {
  const root = makeFolder(context, { 'lib.1234.js': '1', 'app.js': '2' });
  const forever = 'public, max-age=31536000, immutable';
  for (const immutable of [/\.\d{4}\.js$/, ({ name }: { name: string }) => name.startsWith('lib.')]) {
    const files = staticFiles({ root, immutable });
    assert.equal(headersOf(get(files, '/lib.1234.js')).get('cache-control'), forever);
    assert.equal(headersOf(get(files, '/app.js')).get('cache-control'), 'public, max-age=60');
  }
});

test('each coding has a strong tag of its own, the same on every machine', (context) => {
  const [one, two] = [makeFolder(context, styled), makeFolder(context, styled)];
  utimesSync(join(two, 'app.css'), 1_000, 1_000);
  const tagOf = (root: string, coding: string) =>
    headersOf(get(staticFiles({ root }), '/app.css', { 'accept-encoding': coding })).get('etag');
  const tags = ['identity', 'gzip', 'br'].map((coding) => tagOf(one, coding));
  assert.equal(new Set(tags).size, 3);
  assert.deepEqual(
    tags,
    ['identity', 'gzip', 'br'].map((coding) => tagOf(two, coding)),
  );
});

test('only as much is kept in memory as allowed, small files first', (context) => {
  const root = makeFolder(context, { 'large.txt': 'x'.repeat(1_000), 'small.txt': 'x'.repeat(10) });
  const files = staticFiles({ root, memoryBytes: 100 });
  assert.ok(get(files, '/small.txt')?.body instanceof Uint8Array);
  assert.deepEqual(get(files, '/large.txt')?.body, { path: join(root, 'large.txt'), start: 0, end: 999 });
  const { etag } = Object.fromEntries(headersOf(get(files, '/large.txt')));
  assert.match(etag ?? '', /^"[0-9a-z]+-[0-9a-z]+"$/);
});

test('a large file that is replaced on disk is answered with its new length, and as absent once it is gone', (context) => {
  const root = makeFolder(context, { 'large.txt': 'x'.repeat(1_000), 'goes.txt': 'x'.repeat(500) });
  const files = staticFiles({ root, memoryBytes: 0 });
  writeFileSync(join(root, 'large.txt'), 'y'.repeat(300));
  assert.equal(headersOf(get(files, '/large.txt')).get('content-length'), '300');
  rmSync(join(root, 'goes.txt'));
  assert.equal(get(files, '/goes.txt'), undefined);
});

test('settings that are unknown or of the wrong kind are refused with what was expected', (context) => {
  const root = makeFolder(context);
  const refuses = (options: object, message: RegExp): void =>
    assert.throws(
      () => staticFiles({ root, ...options }),
      (error) => error instanceof StaticError && error.code === 'bad-setting' && message.test(error.message),
    );
  refuses({ maxAge: 3 }, /there is no setting "maxAge"; expected one of root, prefix/);
  refuses({ maxAgeSeconds: -1 }, /maxAgeSeconds: expected a whole number, 0 or more, got -1/);
  refuses({ dotfiles: 'allow' }, /dotfiles: expected one of hide, serve, got "allow"/);
  refuses({ prefix: '/a?b' }, /prefix: expected a path like \/static\/ or a whole URL, got "\/a\?b"/);
  refuses({ strict: 'no' }, /strict: expected true or false, got "no"/);
});

test('a file whose name looks like another one with a query does not stand before it', (context) => {
  const files = staticFiles({
    root: makeFolder(context, { 'a.js': 'plain', 'a.js?v=1': 'odd', 'b%61.js': 'percent' }),
  });
  assert.equal(textOf(get(files, '/a.js')), 'plain');
  assert.equal(textOf(get(files, '/a.js?v=1')), 'plain');
  assert.equal(textOf(get(files, '/a.js%3Fv=1')), 'odd');
  assert.equal(get(files, '/b%61.js'), undefined);
  assert.equal(textOf(get(files, '/b%2561.js')), 'percent');
});

test('of a file that is partly on disk, only the variant that is answered must still be there', (context) => {
  const root = makeFolder(context, { ...styled });
  const files = staticFiles({ root, memoryBytes: styled['app.css.gz'].length + styled['app.css.br'].length });
  const answer = (coding: string) => get(files, '/app.css', { 'accept-encoding': coding });
  rmSync(join(root, 'app.css'));
  assert.equal(answer('gzip')?.status, 200);
  assert.equal(answer('identity'), undefined);
  assert.equal(answer('gzip'), undefined);
});

test('the integrity of a file in memory is that of the bytes that are served, whatever becomes of the disk', (context) => {
  const root = makeFolder(context, { 'a.js': 'let a' });
  const files = staticFiles({ root });
  const integrity = `sha384-${createHash('sha384').update('let a').digest('base64')}`;
  assert.equal(files.integrity('a.js'), integrity);
  rmSync(join(root, 'a.js'));
  assert.equal(files.integrity('a.js'), integrity);
});
