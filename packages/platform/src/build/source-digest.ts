import { createHash } from 'node:crypto';

export interface DigestParts {
  /** git's id of the source tree. */
  readonly treeId: string;
  readonly buildpacks: readonly string[];
  /** Config vars, which buildpacks may read. */
  readonly env: Readonly<Record<string, string>>;
  readonly stack: string;
}

/** Grows when the same parts would make another slug. */
const recipeVersion = 1;

/** Names everything a build reads, in hex; equal digests need no second build. Can't be turned back into its parts. */
export const sourceDigest = ({ treeId, buildpacks, env, stack }: DigestParts): string => {
  const vars = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [recipeVersion, process.version, treeId, buildpacks, vars, stack];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
};
