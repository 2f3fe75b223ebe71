/** One setting: what `staticFiles`, `static.config.json` and the commands take, and what the README says about it. */
export interface Setting {
  readonly name: string;
  readonly kind: 'text' | 'texts' | 'number' | 'switch' | 'choice' | 'code';
  readonly choices?: readonly string[];
  /** As the README shows it. */
  readonly fallback: string;
  /** Who heeds it: the running server, `collectstatic`, or both. */
  readonly usedBy: 'serve' | 'collect' | 'both';
  /** On the command line of `collectstatic`; none where only code or a file can set it. */
  readonly flag?: string;
  /** What the flag does, where that is the opposite of the setting. */
  readonly flagDoc?: string;
  readonly doc: string;
}

export const settings: readonly Setting[] = [
  {
    name: 'root',
    kind: 'text',
    fallback: 'required',
    usedBy: 'both',
    flag: '--root',
    doc: 'the folder that is served, and that `collectstatic` fills',
  },
  {
    name: 'prefix',
    kind: 'text',
    fallback: '`/`',
    usedBy: 'both',
    flag: '--prefix',
    doc: 'where the files are on the site: a path (`/static/`), or a whole URL when a CDN stands before it',
  },
  {
    name: 'sources',
    kind: 'texts',
    fallback: 'none',
    usedBy: 'both',
    flag: '--source',
    doc: 'folders that `collectstatic` takes files from, and that development mode looks into; `PREFIX=FOLDER` puts a folder’s files below a name',
  },
  {
    name: 'development',
    kind: 'switch',
    fallback: '`false`',
    usedBy: 'serve',
    doc: 'look at the disk for every request, tell browsers to keep nothing, and use names without fingerprints',
  },
  {
    name: 'index',
    kind: 'text',
    fallback: 'off',
    usedBy: 'serve',
    doc: '`true` or a name: `/x/` serves `/x/index.html`, and `/x` and `/x/index.html` lead there',
  },
  {
    name: 'maxAgeSeconds',
    kind: 'number',
    fallback: '`60`',
    usedBy: 'serve',
    doc: 'how long browsers and proxies may keep files whose name has no fingerprint',
  },
  {
    name: 'immutable',
    kind: 'code',
    fallback: 'the manifest’s',
    usedBy: 'serve',
    doc: 'more files that never change: a RegExp for the URL’s path, or `(file) => boolean`',
  },
  {
    name: 'allowAllOrigins',
    kind: 'switch',
    fallback: '`true`',
    usedBy: 'serve',
    doc: 'send `Access-Control-Allow-Origin: *`, which fonts and modules on a CDN need; files served here are public anyway',
  },
  {
    name: 'charset',
    kind: 'text',
    fallback: '`utf-8`',
    usedBy: 'serve',
    doc: 'said in the Content-Type of texts; an empty text says nothing',
  },
  {
    name: 'mediaTypes',
    kind: 'code',
    fallback: 'none',
    usedBy: 'serve',
    doc: "media types by extension (`{ '.foo': 'text/x-foo' }`) or file name; they come before the built-in ones",
  },
  {
    name: 'headers',
    kind: 'code',
    fallback: 'none',
    usedBy: 'serve',
    doc: '`(headers, file) => void`, called once for each file when it is scanned, to set or delete headers',
  },
  {
    name: 'dotfiles',
    kind: 'choice',
    choices: ['hide', 'serve'],
    fallback: '`hide`',
    usedBy: 'both',
    doc: '`serve` also takes names that begin with a dot (`.well-known/` is always taken)',
  },
  {
    name: 'symlinks',
    kind: 'choice',
    choices: ['inside', 'follow', 'refuse'],
    fallback: '`inside`',
    usedBy: 'both',
    doc: 'links are followed when they lead to something in the same folder, always, or never',
  },
  {
    name: 'memoryBytes',
    kind: 'number',
    fallback: '`67108864`',
    usedBy: 'serve',
    doc: 'how much is kept in memory, smallest files first; the rest is read from disk when asked for',
  },
  {
    name: 'strict',
    kind: 'switch',
    fallback: '`true`',
    usedBy: 'serve',
    doc: '`url()` throws for a name that isn’t there; `false` returns the plain name',
  },
  {
    name: 'warn',
    kind: 'code',
    fallback: '`process.emitWarning`',
    usedBy: 'serve',
    doc: '`(message) => void`, told about folders and links that may not be what you meant',
  },
  {
    name: 'ignore',
    kind: 'texts',
    fallback: '`CVS`, `.*`, `*~`',
    usedBy: 'collect',
    flag: '--ignore',
    doc: 'patterns (`*.scss`, `docs/**`) of files to leave out, by name or path; added to the three that are always left out',
  },
  {
    name: 'duplicates',
    kind: 'choice',
    choices: ['error', 'first'],
    fallback: '`error`',
    usedBy: 'collect',
    flag: '--duplicates',
    doc: 'what to do when two sources have different files of one name: fail, or let the source named first win',
  },
  {
    name: 'missing',
    kind: 'choice',
    choices: ['error', 'warn'],
    fallback: '`error`',
    usedBy: 'collect',
    flag: '--missing',
    doc: 'what to do when a file refers to one that isn’t there',
  },
  {
    name: 'originals',
    kind: 'switch',
    fallback: '`true`',
    usedBy: 'collect',
    flag: '--no-originals',
    flagDoc: 'publish files under fingerprinted names only',
    doc: 'also publish files under their own names, for addresses that somebody may have written down',
  },
  {
    name: 'fingerprints',
    kind: 'switch',
    fallback: '`true`',
    usedBy: 'collect',
    flag: '--no-fingerprints',
    flagDoc: 'publish files under their own names only, unchanged',
    doc: 'publish files under fingerprinted names and rewrite the references among them',
  },
  {
    name: 'encodings',
    kind: 'texts',
    choices: ['gzip', 'br', 'zstd'],
    fallback: '`gzip`, `br`, `zstd`',
    usedBy: 'collect',
    flag: '--encoding',
    doc: 'compressed variants to make; one is kept only when it saves 5 % or more (zstd needs Node 22.15)',
  },
  {
    name: 'keepReleases',
    kind: 'number',
    fallback: '`3`',
    usedBy: 'collect',
    flag: '--keep-releases',
    doc: 'how many earlier releases’ fingerprinted files stay, for pages that are still open or cached',
  },
  {
    name: 'link',
    kind: 'switch',
    fallback: '`false`',
    usedBy: 'collect',
    flag: '--link',
    doc: 'under their own names, link to the sources instead of copying; serve with `symlinks: follow`',
  },
];
