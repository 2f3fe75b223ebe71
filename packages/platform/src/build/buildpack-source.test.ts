import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildpackSource, parseBuildpackSource } from './buildpack-source.ts';

const github = 'https://github.com/heroku/heroku-buildpack-ruby';
const cases: [text: string, source: BuildpackSource | undefined][] = [
  ['heroku/nodejs', { kind: 'builtin', name: 'nodejs' }],
  ['urn:buildpack:heroku/python', { kind: 'builtin', name: 'python' }],
  ['https://buildpack-registry.s3.amazonaws.com/buildpacks/heroku/nodejs.tgz', { kind: 'builtin', name: 'nodejs' }],
  ['heroku/ruby', { kind: 'git', url: github, ref: 'HEAD' }],
  ['https://example.com/pack.git#v2', { kind: 'git', url: 'https://example.com/pack.git', ref: 'v2' }],
  ['git@example.com:a/pack.git', { kind: 'git', url: 'git@example.com:a/pack.git', ref: 'HEAD' }],
  ['https://example.com/pack.tgz?a=1', { kind: 'tarball', url: 'https://example.com/pack.tgz?a=1' }],
  ['/srv/pack', { kind: 'folder', folder: '/srv/pack' }],
  ['--upload-pack=touch', undefined],
  ['ext::sh -c touch', undefined],
  ['https://example.com/pack.git#--exec', undefined],
];

for (const [text, source] of cases) {
  test(`${text} is ${source ? `a ${source.kind} buildpack` : 'not a buildpack'}`, () => {
    assert.deepEqual(parseBuildpackSource(text), source);
  });
}
