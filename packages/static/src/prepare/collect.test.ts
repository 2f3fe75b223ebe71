import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { StaticError, type StaticErrorCode } from '../index.ts';
import { makeFolder, putFiles, written } from '../testing.fixture.ts';
import { type CollectOptions, type CollectRun, collectStatic } from './index.ts';

type Files = Readonly<Record<string, string | Buffer>>;

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

/** Names, times and bytes; of the manifest, which is of the moment, only the bytes. */
const snapshot = (folder: string): Record<string, string> =>
  Object.fromEntries(
    filesIn(folder).map((name) => {
      const path = join(folder, name);
      const time = name === 'static-manifest.json' ? 0 : statSync(path).mtimeMs;
      return [name, `${time} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`];
    }),
  );

const prepare = (context: TestContext, content: Files, options: Partial<CollectOptions> = {}) => {
  const source = makeFolder(context, content);
  const root = join(makeFolder(context), 'collected');
  const warnings: string[] = [];
  const collect = (run: CollectRun = {}, more: Partial<CollectOptions> = {}) =>
    collectStatic(
      { root, sources: [source], prefix: '/static/', encodings: [], ...options, ...more },
      { warn: (message) => warnings.push(message), ...run },
    );
  const manifest = () => JSON.parse(readFileSync(join(root, 'static-manifest.json'), 'utf8'));
  const pathOf = (name: string): string => manifest().files[name].path;
  const published = (name: string): string => readFileSync(join(root, pathOf(name)), 'utf8');
  return { source, root, warnings, collect, manifest, pathOf, published };
};

const fails = (act: () => Promise<unknown>, code: StaticErrorCode, ...texts: (string | RegExp)[]): Promise<void> =>
  assert.rejects(act, (error) => {
    assert.ok(error instanceof StaticError, String(error));
    assert.equal(error.code, code);
    for (const text of texts)
      assert.ok(typeof text === 'string' ? error.message.includes(text) : text.test(error.message), error.message);
    return true;
  });

test('references are rewritten as they were written: relative, from deeper, from the root, absolute, as a whole URL', async (context) => {
  const { collect, published, pathOf } = prepare(context, {
    'css/deep/a.css': `a{b:url(../../img/x.png);c:url("/static/img/x.png?v#i");d:url(b.css);e:url(https://cdn.example.com/static/img/x.png)}`,
    'css/deep/b.css': 'b{}',
    'img/x.png': 'x',
  });
  await collect();
  const image = pathOf('img/x.png');
  const beside = pathOf('css/deep/b.css').split('/').at(-1);
  const text = `a{b:url(../../${image});c:url("/static/${image}?v#i");d:url(${beside});e:url(https://cdn.example.com/static/img/x.png)}`;
  assert.equal(published('css/deep/a.css'), text);
  await collect({}, { prefix: 'https://cdn.example.com/static/' });
  assert.equal(published('css/deep/a.css'), text.replace(/(https[^)]*\/)img[^)]*/, `$1${image}`));
});

test('what leads elsewhere is left alone', async (context) => {
  const text = `a{b:url(https://example.com/a.png);c:url(//example.com/a.png);d:url(data:,a);e:url(#f);g:url(/other/a.png);h:url(../../a.png);i:url("");j:url(about:blank);k:url(?q)}`;
  const { collect, published } = prepare(context, {
    'css/a.css': text,
    'js/a.js': `import 'lit'; import '@a/b'; import 'https://example.com/a.js'`,
  });
  await collect();
  assert.equal(published('css/a.css'), text);
});

test('a changed file gets a new name, and so does everything that refers to it, near or far', async (context) => {
  const { source, collect, pathOf } = prepare(context, {
    'a.css': '@import "b.css"',
    'b.css': 'b{c:url(c.svg)}',
    'c.svg': '<svg/>',
    'd.css': 'd{}',
  });
  await collect();
  const names = ['a.css', 'b.css', 'c.svg', 'd.css'];
  const before = names.map(pathOf);
  putFiles(source, { 'c.svg': '<svg></svg>' });
  await collect();
  assert.deepEqual(
    names.map(pathOf).map((path, index) => path === before[index]),
    [false, false, false, true],
  );
});

test('files that refer to each other change their names together, and each refers to the others’ new names', async (context) => {
  const { source, collect, pathOf, published } = prepare(context, {
    'js/a.js': `import './b.js'; export const a = 1`,
    'js/b.js': `import './c.js'; import './out.js'`,
    'js/c.js': `import './a.js'; new URL('./c.js', import.meta.url)`,
    'js/out.js': 'export const out = 1',
    'css/a.css': '@import "b.css"',
    'css/b.css': '@import "a.css"',
  });
  await collect();
  const base = (name: string): string => pathOf(name).split('/').at(-1) ?? '';
  assert.equal(published('js/a.js'), `import './${base('js/b.js')}'; export const a = 1`);
  assert.equal(published('js/c.js'), `import './${base('js/a.js')}'; new URL('./${base('js/c.js')}', import.meta.url)`);
  assert.equal(published('css/a.css'), `@import "${base('css/b.css')}"`);
  const before = ['js/a.js', 'js/b.js', 'js/c.js', 'css/a.css'].map(pathOf);
  putFiles(source, { 'js/out.js': 'export const out = 2' });
  await collect();
  assert.deepEqual(
    ['js/a.js', 'js/b.js', 'js/c.js', 'css/a.css'].map(pathOf).map((path, index) => path === before[index]),
    [false, false, false, true],
  );
});

test('a chain of thousands of files is followed to its end', async (context) => {
  const files = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, i) => [`${i}.css`, i < 999 ? `@import "${i + 1}.css"` : 'a{}']),
  );
  const { collect, pathOf, published } = prepare(context, files, { originals: false });
  await collect();
  assert.equal(published('0.css'), `@import "${pathOf('1.css')}"`);
});

test('a reference to nothing fails with file, line, reference and the likeliest name, all of them at once, and nothing is written', async (context) => {
  const { source, root, collect } = prepare(context, {
    'css/a.css': 'a{}\n\nb{background:url("../img/lgo.png")}',
    'img/logo.png': 'x',
    'js/a.js': `import './b.js'`,
  });
  await fails(
    () => collect(),
    'missing-reference',
    `${join(source, 'css/a.css')}:3: "../img/lgo.png" leads to img/lgo.png, which no source has; did you mean img/logo.png?`,
    `${join(source, 'js/a.js')}:1: "./b.js" leads to js/b.js, which no source has`,
    '--missing warn',
  );
  assert.throws(() => lstatSync(root));
});

test('a reference to nothing is left as it is when only a warning is wanted', async (context) => {
  const { collect, published, warnings } = prepare(
    context,
    { 'a.css': 'a{b:url(no.png);c:url(c.png)}', 'c.png': 'c' },
    { missing: 'warn' },
  );
  await collect();
  assert.match(published('a.css'), /^a\{b:url\(no\.png\);c:url\(c\.[0-9a-f]{12}\.png\)\}$/);
  assert.equal(warnings.length, 1);
});

test('source maps get fingerprints too, and one that is not there harms nobody', async (context) => {
  const { collect, published, pathOf } = prepare(context, {
    'a.js': 'export {}\n//# sourceMappingURL=a.js.map\n',
    'a.js.map': '{}',
    'b.css': 'b{}\n/*# sourceMappingURL=b.css.map */',
  });
  await collect();
  assert.equal(published('a.js'), `export {}\n//# sourceMappingURL=${pathOf('a.js.map')}\n`);
  assert.equal(published('b.css'), 'b{}\n/*# sourceMappingURL=b.css.map */');
});

test('what can’t be read as JavaScript is published as it is, with a warning', async (context) => {
  const { collect, published, warnings } = prepare(context, {
    'a.js': 'import {',
    'b.js': Buffer.from('import "./a.js"; // \xe9', 'latin1'),
  });
  await collect();
  assert.equal(published('a.js'), 'import {');
  assert.match(warnings.join(), /a\.js can't be read as JavaScript/);
});

test('names of every script and with every mark are published and referred to', async (context) => {
  const { collect, published, pathOf } = prepare(context, {
    "img/it's (1) 日本 é.png": 'x',
    'a.css': `a{b:url("img/it's (1) 日本 %C3%A9.png")}`,
  });
  await collect();
  assert.match(pathOf("img/it's (1) 日本 é.png"), /^img\/it's \(1\) 日本 é\.[0-9a-f]{12}\.png$/);
  assert.match(
    published('a.css'),
    /^a\{b:url\("img\/it%27s%20%281%29%20%E6%97%A5%E6%9C%AC%20%C3%A9\.[0-9a-f]{12}\.png"\)\}$/,
  );
});

test('variants are kept when they pay, hold the same bytes and time, and are the same each time they are made', async (context) => {
  const text = 'a { color: teal }\n'.repeat(100);
  const noise = Buffer.concat(Array.from({ length: 20 }, (_, i) => createHash('sha256').update(String(i)).digest()));
  const content = { 'a.css': text, 'tiny.css': 'a{}', 'b.png': Buffer.from(text), 'noise.txt': noise, 'empty.css': '' };
  const one = prepare(context, content, { encodings: ['gzip', 'br', 'zstd'] });
  await one.collect();
  const path = join(one.root, one.pathOf('a.css'));
  assert.equal(gunzipSync(readFileSync(`${path}.gz`)).toString(), text);
  assert.equal(brotliDecompressSync(readFileSync(`${path}.br`)).toString(), text);
  assert.equal(zstdDecompressSync(readFileSync(`${path}.zst`)).toString(), text);
  assert.equal(statSync(`${path}.gz`).mtimeMs, written.getTime());
  assert.deepEqual([...readFileSync(`${path}.gz`).subarray(4, 10)], [0, 0, 0, 0, 2, 255]);
  assert.ok(filesIn(one.root).includes('a.css.br'));
  for (const name of ['tiny.css', 'b.png', 'noise.txt', 'empty.css'])
    assert.ok(!filesIn(one.root).includes(`${name}.gz`), name);
  const two = prepare(context, content, { encodings: ['gzip', 'br', 'zstd'] });
  await two.collect();
  assert.deepEqual(snapshot(one.root), snapshot(two.root));
});

test('collecting again changes nothing, and is told so', async (context) => {
  const { root, collect } = prepare(
    context,
    { 'a.css': 'a{b:url(c.png)}'.repeat(30), 'c.png': 'c' },
    { encodings: ['gzip'] },
  );
  const first = await collect();
  assert.deepEqual(first, { written: 4, unmodified: 0, removed: 0, compressed: 2, fingerprinted: 2 });
  const before = snapshot(root);
  assert.deepEqual(await collect(), { written: 0, unmodified: 4, removed: 0, compressed: 0, fingerprinted: 2 });
  assert.deepEqual(snapshot(root), before);
});

test('a variant that was deleted is made again, and one that did not pay is not tried again', async (context) => {
  const content = { 'a.css': 'a { color: teal }\n'.repeat(30), 'tiny.css': 'a{}' };
  const { root, collect, manifest, pathOf } = prepare(context, content, { encodings: ['gzip', 'br'] });
  await collect();
  assert.deepEqual([manifest().files['a.css'].codings, manifest().files['tiny.css'].codings], [['gzip', 'br'], []]);
  const before = snapshot(root);
  rmSync(join(root, `${pathOf('a.css')}.gz`));
  rmSync(join(root, 'a.css.br'));
  assert.deepEqual(await collect(), { written: 2, unmodified: 2, removed: 0, compressed: 4, fingerprinted: 2 });
  assert.deepEqual(snapshot(root), before);
});

test('a changed file is published again, even with the same size and time', async (context) => {
  const { source, root, collect } = prepare(context, { 'a.txt': 'one' });
  await collect();
  putFiles(source, { 'a.txt': 'two' });
  await collect();
  assert.equal(readFileSync(join(root, 'a.txt'), 'utf8'), 'two');
});

test('fingerprinted files of earlier releases stay for as many releases as wanted', async (context) => {
  const { source, root, collect, pathOf } = prepare(context, { 'a.txt': '0', 'b.txt': 'b' }, { keepReleases: 2 });
  const paths: string[] = [];
  for (const release of ['0', '1', '2', '3', '3']) {
    utimesSync(join(source, 'a.txt'), written, written);
    writeFileSync(join(source, 'a.txt'), release);
    await collect();
    paths.push(pathOf('a.txt'));
  }
  const there = filesIn(root);
  assert.deepEqual(
    paths.slice(0, 4).map((path) => there.includes(path)),
    [false, true, true, true],
  );
  await collect({}, { keepReleases: 0 });
  assert.deepEqual(filesIn(root), ['a.txt', pathOf('a.txt'), 'b.txt', pathOf('b.txt'), 'static-manifest.json'].sort());
});

test('what left the sources leaves the root, but what others put there stays', async (context) => {
  const { source, root, collect } = prepare(context, { 'old/a.txt': 'a', 'b.txt': 'b' }, { keepReleases: 0 });
  await collect();
  putFiles(root, { 'mine.txt': 'mine' });
  renameSync(join(source, 'old/a.txt'), join(source, 'a.txt'));
  const { removed } = await collect();
  assert.equal(removed, 2);
  assert.ok(!filesIn(root).some((name) => name.startsWith('old')));
  assert.throws(() => lstatSync(join(root, 'old')));
  assert.ok(filesIn(root).includes('mine.txt'));
});

test('clear removes everything that is not written now, but nothing behind links', async (context) => {
  const { root, collect, pathOf } = prepare(context, { 'a.txt': 'a' });
  const elsewhere = makeFolder(context, { 'dear.txt': 'dear' });
  putFiles(root, { 'mine.txt': 'mine', 'a.txt.gz': 'stale', 'deep/er/b.txt': 'b' });
  symlinkSync(elsewhere, join(root, 'link'));
  await collect({ clear: true });
  assert.deepEqual(filesIn(root), ['a.txt', pathOf('a.txt'), 'static-manifest.json'].sort());
  assert.deepEqual(filesIn(elsewhere), ['dear.txt']);
});

test('clear forgets earlier releases and heeds no manifest that is broken', async (context) => {
  const { source, root, collect, pathOf } = prepare(context, { 'a.txt': 'a' });
  await collect();
  writeFileSync(join(source, 'a.txt'), 'two');
  putFiles(root, { 'static-manifest.json': 'rubbish' });
  await fails(() => collect(), 'broken-manifest', 'it is not JSON');
  await collect({ clear: true });
  assert.deepEqual(filesIn(root), ['a.txt', pathOf('a.txt'), 'static-manifest.json'].sort());
});

test('a dry run says what would be done and does nothing', async (context) => {
  const { root, collect } = prepare(context, { 'a.txt': 'a' });
  const said: string[] = [];
  const result = await collect({ dryRun: true, report: (event) => said.push(event.kind) });
  assert.equal(result.written, 2);
  assert.deepEqual(said, ['begin', 'write', 'write']);
  assert.throws(() => lstatSync(root));
});

test('patterns, hidden files and what editors leave behind are left out', async (context) => {
  const { collect, manifest } = prepare(
    context,
    {
      'a.css': 'a',
      'a.scss': 'a',
      'docs/b.md': 'b',
      'x/docs/c.md': 'c',
      'd.txt~': 'd',
      '.hidden': 'h',
      'CVS/e': 'e',
      '.well-known/f.txt': 'f',
    },
    { ignore: ['*.scss', 'docs/**'] },
  );
  await collect();
  assert.deepEqual(Object.keys(manifest().files), ['.well-known/f.txt', 'a.css', 'x/docs/c.md']);
});

test('two different files of one name are an error that names both, or the first wins; equal ones are one', async (context) => {
  const { source, root, collect } = prepare(context, { 'a.txt': 'one', 'same.txt': 'same' });
  const other = makeFolder(context, { 'a.txt': 'two', 'same.txt': 'same', 'b.txt': 'b' });
  const sources = [source, other];
  await fails(
    () => collect({}, { sources }),
    'duplicate-name',
    join(source, 'a.txt'),
    join(other, 'a.txt'),
    '--duplicates first',
  );
  await collect({}, { sources, duplicates: 'first' });
  assert.equal(readFileSync(join(root, 'a.txt'), 'utf8'), 'one');
  assert.equal(readFileSync(join(root, 'b.txt'), 'utf8'), 'b');
  await collect({}, { sources: [source, `vendor=${other}`] });
  assert.equal(readFileSync(join(root, 'vendor/a.txt'), 'utf8'), 'two');
});

test('links stand for files under their own names when wanted, fingerprinted files are always copies', async (context) => {
  const { source, root, collect, pathOf } = prepare(context, { 'a.txt': 'a' }, { link: true });
  await collect();
  assert.equal(readlinkSync(join(root, 'a.txt')), join(source, 'a.txt'));
  assert.ok(lstatSync(join(root, pathOf('a.txt'))).isFile());
  assert.equal((await collect()).written, 0);
  await collect({}, { link: false });
  assert.ok(lstatSync(join(root, 'a.txt')).isFile());
});

test('originals can be left away', async (context) => {
  const { root, collect, pathOf } = prepare(context, { 'a.txt': 'a' });
  await collect();
  await collect({}, { originals: false });
  assert.deepEqual(filesIn(root), [pathOf('a.txt'), 'static-manifest.json']);
});

test('settings that make no sense are refused before anything is touched', async (context) => {
  const { source, root, collect } = prepare(context, { 'a.txt': 'a' });
  await fails(() => collect({}, { sources: [] }), 'bad-setting', 'nothing to collect');
  await fails(() => collect({}, { sources: [join(source, 'none')] }), 'unreadable-source', 'there is no folder');
  await fails(() => collect({}, { sources: [root, source] }), 'bad-setting', 'lie in each other');
  await fails(() => collect({}, { root: join(source, 'out') }), 'bad-setting', 'lie in each other');
  await fails(
    () => collect({}, { originals: false, fingerprints: false }),
    'bad-setting',
    'nothing is left to publish',
  );
  assert.throws(() => lstatSync(root));
});

test('a root that can’t be filled is an error that says why, and leaves nothing half-made', async (context) => {
  const { root, collect } = prepare(context, { 'a.txt': 'a', 'b/c.txt': 'c' });
  putFiles(root, { 'a.txt/in-the-way': 'x' });
  await fails(() => collect(), 'unwritable-target', join(root, 'a.txt'), 'a folder is in its place');
  assert.deepEqual(
    filesIn(root).filter((name) => name.startsWith('.static-collect/')),
    [],
  );
  const other = prepare(context, { 'b/c.txt': 'c' });
  putFiles(join(other.root, '..'), { collected: 'a file' });
  await fails(() => other.collect(), 'unwritable-target', other.root);
});

test('a second run on one root waits for nobody: it is told who is filling it', async (context) => {
  const { root, collect } = prepare(context, { 'a.txt': 'a' });
  mkdirSync(join(root, '.static-collect'), { recursive: true });
  writeFileSync(join(root, '.static-collect/pid'), String(process.ppid));
  await fails(() => collect(), 'unwritable-target', `another collectstatic (process ${process.ppid})`);
});
