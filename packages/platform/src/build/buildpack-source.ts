/** Where a buildpack comes from. */
export type BuildpackSource =
  | { readonly kind: 'builtin'; readonly name: BuiltinBuildpack }
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'git'; readonly url: string; readonly ref: string }
  | { readonly kind: 'tarball'; readonly url: string };

/** In the order in which they are tried on a source. */
export const builtinBuildpacks = ['nodejs', 'python', 'static', 'procfile'] as const;
export type BuiltinBuildpack = (typeof builtinBuildpacks)[number];

const isBuiltin = (name: string): name is BuiltinBuildpack => builtinBuildpacks.some((each) => each === name);

const shorthand =
  /^(?:urn:buildpack:|https:\/\/buildpack-registry\.s3\.amazonaws\.com\/buildpacks\/)?(heroku|heroku-community)\/([\w.-]+?)(?:\.tgz)?$/;
const scheme = /^(?:(?:https?|git|ssh|file):\/\/[^\s'"\\]+|git@[\w.-]+:[^\s'"\\]+)$/;
const safeRef = /^\w[\w./+-]*$/;

/**
 * Reads what `heroku buildpacks:set` takes: `heroku/nodejs`, a git or tarball URL, or an absolute folder.
 * A git URL may end in `#BRANCH-OR-TAG`. Undefined for anything else.
 */
export const parseBuildpackSource = (text: string): BuildpackSource | undefined => {
  const [, , name] = shorthand.exec(text) ?? [];
  if (name) {
    if (isBuiltin(name)) return { kind: 'builtin', name };
    return { kind: 'git', url: `https://github.com/heroku/heroku-buildpack-${name}`, ref: 'HEAD' };
  }
  if (text.startsWith('/')) return { kind: 'folder', folder: text };
  const [url = '', ref = 'HEAD'] = text.split('#', 2);
  if (!scheme.test(url) || !safeRef.test(ref)) return undefined;
  return /^https?:.*\.(?:tgz|tar\.gz)$/.test(url.split('?')[0] ?? '')
    ? { kind: 'tarball', url }
    : { kind: 'git', url, ref };
};
