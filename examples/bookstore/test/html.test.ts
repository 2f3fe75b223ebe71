import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { html } from '../src/html.ts';

test('text in a template is escaped, in content and in attributes', () => {
  const text = `<script>"&'`;
  strictEqual(
    `${html`<a title="${text}">${text}</a>`}`,
    '<a title="&lt;script&gt;&quot;&amp;&#39;">&lt;script&gt;&quot;&amp;&#39;</a>',
  );
});

test('markup in a template is kept, lists are joined, nothing stays nothing', () => {
  const items = ['a&b', 'c'].map((item) => html`<li>${item}</li>`);
  strictEqual(`${html`<ul>${items}</ul>${null}${undefined}${false}${0}`}`, '<ul><li>a&amp;b</li><li>c</li></ul>0');
});
