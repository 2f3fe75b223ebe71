import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsReferences } from './js-references.ts';

const values = (text: string): string[] | undefined => {
  const found = jsReferences(text);
  for (const { start, end, value } of found ?? []) assert.equal(text.slice(start, end), value);
  return found?.map(({ value }) => value);
};

const cases: readonly (readonly [why: string, text: string, ...found: string[]])[] = [
  ['import for its effects', `import './a.js'; import"./b.js"`, './a.js', './b.js'],
  [
    'imports of every form',
    `import a, { b as c, "d-e" as f } from './a.js';\nimport * as g from "./b.js"`,
    './a.js',
    './b.js',
  ],
  ['imports over several lines', "import {\n  a,\n  b, // from './no.js'\n} from './a.js'", './a.js'],
  ['imports with attributes', `import a from './a.json' with { type: 'json' }`, './a.json'],
  ['deferred imports', `import defer * as a from './a.js'`, './a.js'],
  [
    're-exports',
    `export * from './a.js'; export * as b from './b.js'; export { c, default as d } from './c.js'`,
    './a.js',
    './b.js',
    './c.js',
  ],
  [
    'exports that are none',
    `export { a }; export const from = './b.js'; export default function () { return './c.js' }`,
  ],
  ['import() with a literal', "import('./a.js'); await import(\n`./b.js`, { with: {} })", './a.js', './b.js'],
  ['no import() of something computed', `import('./a' + b); import(\`./\${c}.js\`); import(d)`],
  [
    'new URL() beside the module',
    `new URL('./a.png', import.meta.url); new Worker(new URL("b.js", import.meta.url))`,
    './a.png',
    'b.js',
  ],
  ['no other new URL()', `new URL('./a.png', base); new URL('./b.png'); URL('./c.png', import.meta.url)`],
  ['import.meta.resolve()', `import.meta.resolve('./a.js'); import.meta.env`, './a.js'],
  [
    'minified code',
    `import{a as b}from"./a.js";import c from"./b.js";export{b as d}from"./c.js";`,
    './a.js',
    './b.js',
    './c.js',
  ],
  [
    'nothing in comments, strings, templates and regular expressions',
    `// import './a.js'\n/* import './b.js' */ "import './c.js'"; \`import './d.js'\`; /import '.\\/e.js'/g; export {}`,
  ],
  ['imports inside a template', `\`\${await import('./a.js')} and \${\`\${import('./b.js')}\`}\``, './a.js', './b.js'],
  [
    'nothing that is only called import',
    `a.import('./a.js'); ({ import: './b.js' }); a?.import('./c.js'); class A { import(a) { return './d.js' } }`,
  ],
  [
    'divisions, which are no regular expressions',
    `const a = b / 2; c = (d) / e; f = [1] / 2; g++ / 2; import('./a.js') / 2 / "x/"`,
    './a.js',
  ],
  [
    'regular expressions with slashes and quotes',
    `if (a) /['"/]/.test(b); const c = /[/'"]\\//; return /"/; import('./a.js')`,
    './a.js',
  ],
  [
    'regular expressions behind blocks',
    `function a() {} /'/.test(b); if (c) { d } /"/.test(e); import('./a.js')`,
    './a.js',
  ],
  ['objects that are divided', `const a = { b: 1 } / 2 / 3; import('./a.js')`, './a.js'],
  ['numbers of every form', `1e+5 / 2; .5 / 2; 0x1F; 1_000n; 1..toString(); import('./a.js')`, './a.js'],
  ['names of every script', `const été = 'x', $日本 = import('./a.js')`, './a.js'],
  ['a first line for the shell', `#!/usr/bin/env -S node 'x\nimport './a.js'`, './a.js'],
  [
    'source maps, the last that is named',
    `import './a.js'\n//# sourceMappingURL=x.map\n//# sourceMappingURL=a.js.map  \n`,
    './a.js',
    'a.js.map',
  ],
  ['source maps in block comments', '/*# sourceMappingURL=a.js.map */', 'a.js.map'],
  ['no source maps in other spellings or in strings', `//# sourcemappingurl=a.map\n"//# sourceMappingURL=b.map"`],
  ['spread before new', `[...new URL('./a.png', import.meta.url).pathname]`, './a.png'],
];

for (const [why, text, ...found] of cases) {
  test(`a script's references: ${why}`, () => {
    assert.deepEqual(values(text), found);
  });
}

test('what is no JavaScript is said to be none', () => {
  for (const text of [`import './a.js`, 'export `never ends', 'import {', ')) export', `import "a\nb"`])
    assert.equal(jsReferences(text), undefined, text);
});

test('the sources of this package and large scripts are read as a whole', () => {
  const statement = `import { a } from './a.js'; const b = /[/]/.test(\`x\${a}\`) ? a / 2 : 1;\n`;
  assert.equal(jsReferences(statement.repeat(10_000))?.length, 10_000);
});
