import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cssReferences } from './css-references.ts';

const values = (text: string): string[] => {
  for (const { start, end } of cssReferences(text)) assert.ok(start < end && end <= text.length);
  return cssReferences(text).map(({ value }) => value);
};

const cases: readonly (readonly [why: string, text: string, ...found: string[]])[] = [
  ['url() with either quote or none', `a{b:url(a.png);c:url("b.png");d:url('c.png')}`, 'a.png', 'b.png', 'c.png'],
  ['blanks inside url()', 'a{b:url(  a.png\t);c:url( "b.png" )}', 'a.png', 'b.png'],
  ['names in any case', `@IMPORT "a.css"; a{b:URL(b.png)}`, 'a.css', 'b.png'],
  [
    'both forms of @import, with media',
    '@import "a.css" screen; @import url(b.css); @import url("c.css") print;',
    'a.css',
    'b.css',
    'c.css',
  ],
  ['@import after a comment', '@import /* x */ "a.css";', 'a.css'],
  ['several in one value', 'a{src:url(a.eot?#iefix) format("x"),url(b.woff2)}', 'a.eot?#iefix', 'b.woff2'],
  [
    'strings of image-set(), but not of type()',
    'a{b:image-set("a.avif" type("image/avif"), "b.png" 2x)}',
    'a.avif',
    'b.png',
  ],
  ['src()', 'a{b:src("a.png")}', 'a.png'],
  ['escapes', String.raw`a{b:url(a\ b.png);c:url("\e9 t\000065.png")}`, 'a b.png', 'éte.png'],
  ['nothing in comments', '/* url(a.png) @import "b.css" */ a{b:c} /**/'],
  ['nothing in other strings', `a::before{content:"url(a.png)";font:"@import 'x'"} @charset "utf-8";`],
  ['nothing in names that end in url', 'a{b:my-url(a.png);c:-url("b.png")}'],
  [
    'nothing in pictures written in place',
    `a{b:url(data:image/svg+xml;utf8,<svg xmlns='x' fill='red'/>);c:url("data:,x")}`,
    'data:,x',
  ],
  ['what comes after a string that never ends', 'a{content:"x\n} b{c:url(d.png)}', 'd.png'],
  ['what comes after a bracket that never ends', 'a{b:calc(1px} c{d:url(e.png)} @import "f.css";', 'e.png', 'f.css'],
  ['source maps in comments', 'a{}\n/*# sourceMappingURL=a.css.map */', 'a.css.map'],
  ['source maps with tabs', '/*#\tsourceMappingURL=a.css.map\t*/', 'a.css.map'],
  ['no source maps in other spellings', '/*# sourcemappingurl=a.css.map */ /* sourceMappingURL=b.map */'],
  ['values of own properties', ':root{--a:url(a.png)}', 'a.png'],
];

for (const [why, text, ...found] of cases) {
  test(`a stylesheet's references: ${why}`, () => {
    assert.deepEqual(values(text), found);
  });
}

test('a megabyte of CSS is read in one go, also when it is hostile', () => {
  assert.equal(cssReferences('a{b:url(c.png)}\n'.repeat(60_000)).length, 60_000);
  assert.equal(cssReferences('url('.repeat(100_000)).length, 0);
  assert.equal(cssReferences('"'.repeat(100_001)).length, 0);
  assert.equal(cssReferences(`/*${'*'.repeat(500_000)}`).length, 0);
});
