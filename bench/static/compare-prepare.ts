/** `node bench/static/compare-prepare.ts`: what `collectstatic` makes of the same sources, ours and WhiteNoise's, as the table in packages/static/README.md. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensurePythonModule, findPrograms } from '../router/programs.ts';

type Files = Readonly<Record<string, string>>;
type Verdict = boolean | string;

/** One `collectstatic`, in a folder of its own. */
interface Site {
  put(files: Files): Promise<void>;
  remove(name: string): void;
  /** @returns whether it succeeded */
  collect(): boolean;
  readonly root: string;
}

interface Contender {
  readonly name: string;
  readonly argv: readonly string[];
  env(source: string, root: string): NodeJS.ProcessEnv;
  args(source: string, root: string): readonly string[];
}

const repository = join(import.meta.dirname, '..', '..');
ensurePythonModule('whitenoise', 'python3-whitenoise');
ensurePythonModule('django', 'python3-django');
ensurePythonModule('brotli.py', 'python3-brotli');
const { pythonPath } = findPrograms([]);

const contenders: readonly Contender[] = [
  {
    name: '@ravine/static',
    argv: [process.execPath, join(repository, 'packages/static/bin/collectstatic.ts')],
    env: () => process.env,
    args: (source, root) => ['--source', source, '--root', root, '--prefix', '/static/', '--no-input'],
  },
  {
    name: 'WhiteNoise with Django',
    argv: ['/usr/bin/python3', '-m', 'django', 'collectstatic', '--noinput'],
    env: (source, root) => ({
      ...process.env,
      PYTHONPATH: `${pythonPath}:${import.meta.dirname}`,
      PYTHONDONTWRITEBYTECODE: '1',
      DJANGO_SETTINGS_MODULE: 'django_settings',
      STATIC_SOURCE: source,
      STATIC_ROOT: root,
    }),
    args: () => [],
  },
];

const openSite = async ({ argv, env, args }: Contender, folder: string): Promise<Site> => {
  const own = await mkdtemp(join(folder, 'site-'));
  const [source, root] = [join(own, 'source'), join(own, 'root')];
  await mkdir(source);
  const [program = '', ...rest] = argv;
  return {
    root,
    put: async (files) => {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(source, name)), { recursive: true });
        writeFileSync(join(source, name), text);
      }
    },
    remove: (name) => rmSync(join(source, name)),
    collect: () =>
      spawnSync(program, [...rest, ...args(source, root)], { env: env(source, root), encoding: 'utf8' }).status === 0,
  };
};

const namesIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(root, name)).isFile())
    .sort();

/** The published copy of a file under a name with a fingerprint. */
const hashed = ({ root }: Site, name: string): string | undefined => {
  const [, stem = '', ending = ''] = /^(.*)(\.\w+)$/.exec(name) ?? [];
  return namesIn(root).find((other) => other !== name && other.startsWith(`${stem}.`) && other.endsWith(ending));
};

const textOf = (site: Site, name: string): string => readFileSync(join(site.root, hashed(site, name) ?? name), 'utf8');

const snapshot = (root: string): string =>
  namesIn(root)
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(root, name)))
          .digest('hex')}`,
    )
    .join('\n');

const css = 'body { color: teal; margin: 0 }\n'.repeat(64);

/** What is tried in a site of its own, and whether it went well; or a word for what came. */
const checks: readonly (readonly [what: string, check: (site: Site) => Promise<Verdict>])[] = [
  [
    'files get names with fingerprints, and a manifest says which',
    async (site) => {
      await site.put({ 'a.css': css });
      return (
        site.collect() && hashed(site, 'a.css') !== undefined && namesIn(site.root).some((n) => n.endsWith('.json'))
      );
    },
  ],
  [
    '`url()` and `@import` in CSS follow',
    async (site) => {
      await site.put({ 'a.css': '@import "b.css"; i { background: url(c.png) }', 'b.css': 'b{}', 'c.png': 'c' });
      return site.collect() && /b\.\w+\.css.*c\.\w+\.png/s.test(textOf(site, 'a.css'));
    },
  ],
  [
    '`import` in JavaScript follows',
    async (site) => {
      await site.put({ 'a.js': 'import { b } from "./b.js";\nb();\n', 'b.js': 'export const b = () => 1;\n' });
      return site.collect() && /b\.\w+\.js/.test(textOf(site, 'a.js'));
    },
  ],
  [
    'files that refer to each other in a circle are published, and change together',
    async (site) => {
      await site.put({ 'a.css': '@import "b.css";', 'b.css': '@import "a.css";' });
      if (!site.collect()) return false;
      const before = hashed(site, 'a.css');
      await site.put({ 'b.css': '@import "a.css"; b{}' });
      site.collect();
      return namesIn(site.root).filter((name) => /^a\.\w+\.css$/.test(name) && name !== before).length === 1;
    },
  ],
  [
    'what stands in a comment is left alone',
    async (site) => {
      await site.put({ 'a.css': '/* url(nothing.png) */ a{}' });
      return site.collect();
    },
  ],
  [
    'a source map that is not there stops nothing',
    async (site) => {
      await site.put({
        'a.js': 'let a;\n//# sourceMappingURL=a.js.map\n',
        'a.css': 'a{}\n/*# sourceMappingURL=a.css.map */',
      });
      return site.collect();
    },
  ],
  [
    'a reference to nothing stops it',
    async (site) => {
      await site.put({ 'a.css': 'i { background: url(nothing.png) }' });
      return !site.collect();
    },
  ],
  [
    'and then what was published before is as it was',
    async (site) => {
      await site.put({ 'a.css': 'a{}', 'b.css': 'b{}' });
      site.collect();
      const before = snapshot(site.root);
      await site.put({ 'a.css': 'a{color:red}', 'b.css': 'i { background: url(nothing.png) }' });
      return !site.collect() && snapshot(site.root) === before;
    },
  ],
  [
    'the same sources give the same bytes',
    async (site) => {
      await site.put({ 'a.css': css });
      site.collect();
      const before = snapshot(site.root);
      rmSync(site.root, { recursive: true });
      site.collect();
      return snapshot(site.root) === before;
    },
  ],
  [
    'makes variants',
    async (site) => {
      await site.put({ 'a.css': css });
      site.collect();
      const names = namesIn(site.root);
      const made = { gzip: '.gz', br: '.br', zstd: '.zst' };
      return (
        Object.entries(made)
          .flatMap(([coding, end]) => (names.some((name) => name.endsWith(end)) ? [coding] : []))
          .join(', ') || false
      );
    },
  ],
  [
    'a variant that was deleted is made again',
    async (site) => {
      await site.put({ 'a.css': css });
      site.collect();
      const variant = join(site.root, `${hashed(site, 'a.css')}.gz`);
      rmSync(variant);
      site.collect();
      return namesIn(site.root).some((name) => join(site.root, name) === variant);
    },
  ],
  [
    'what left the sources leaves the site',
    async (site) => {
      await site.put({ 'a.css': 'a{}', 'b.css': 'b{}' });
      site.collect();
      site.remove('b.css');
      site.collect();
      return !namesIn(site.root).includes('b.css');
    },
  ],
  [
    'files of earlier releases stay',
    async (site) => {
      let first = '';
      for (let release = 0; release < 6; release += 1) {
        await site.put({ 'a.css': `a{order:${release}}` });
        site.collect();
        if (release === 0) first = hashed(site, 'a.css') ?? '';
        if (release === 3 && !namesIn(site.root).includes(first)) return false;
      }
      return namesIn(site.root).includes(first) ? 'for good' : 'for three more';
    },
  ],
];

const folder = await mkdtemp(join(tmpdir(), 'ravine-bench-'));
await using stack = new AsyncDisposableStack();
stack.defer(() => rm(folder, { recursive: true, force: true }));
const cell = (value: Verdict): string => (typeof value === 'string' ? value : value ? 'yes' : '**no**');
process.stdout.write(
  `| | ${contenders.map(({ name }) => name).join(' | ')} |\n| --- |${' --- |'.repeat(contenders.length)}\n`,
);
for (const [what, check] of checks) {
  const cells: string[] = [];
  for (const contender of contenders) cells.push(cell(await check(await openSite(contender, folder))));
  process.stdout.write(`| ${what} | ${cells.join(' | ')} |\n`);
}
