/** One ref of a push, as git hands it to the hook; an all-zero id stands for "none". */
export interface RefUpdate {
  readonly oldSha: string;
  readonly newSha: string;
  readonly ref: string;
}

const isNoSha = (sha: string): boolean => /^0+$/.test(sha);

/** Pushes to these are built; Dev Center "Deploying with Git". */
export const deployedBranches = ['main', 'master'] as const;

/**
 * What becomes of a push:
 * - `build`: one deployed branch moves; other refs that came along are accepted with it
 * - `skip`: nothing to build, the refs are accepted
 * - `refuse`: no ref is accepted
 */
export type PushDecision =
  | { readonly kind: 'build'; readonly branch: string; readonly oldSha: string; readonly newSha: string }
  | { readonly kind: 'skip' | 'refuse'; readonly message: string };

const refuse = (lines: readonly string[]): PushDecision => ({
  kind: 'refuse',
  message: lines.map((line) => ` !     ${line}\n`).join(''),
});

/** Decides about a push by its refs alone. */
export const decidePush = (updates: readonly RefUpdate[]): PushDecision => {
  const deployed = updates.flatMap(({ ref, ...shas }) => {
    const branch = deployedBranches.find((name) => ref === `refs/heads/${name}`);
    return branch ? [{ branch, ...shas }] : [];
  });
  const deleted = deployed.find(({ newSha }) => isNoSha(newSha));
  if (deleted) {
    return refuse([
      `The branch "${deleted.branch}" can't be deleted: it is what this app runs.`,
      'Push another commit to it, or destroy the app with `heroku apps:destroy`.',
    ]);
  }
  if (deployed.length > 1) {
    return refuse([
      'Both "main" and "master" were pushed, and only one of them can be what this app runs.',
      'Push one of them: git push heroku main',
    ]);
  }
  const [update] = deployed;
  if (update) return { kind: 'build', ...update };
  const what = updates.every(({ ref }) => ref.startsWith('refs/tags/')) ? 'tag' : 'branch';
  return {
    kind: 'skip',
    message: `Pushed to a ${what === 'tag' ? 'tag' : 'non-main branch'}, skipping build.\nTo build this app, push to 'main': git push heroku ${
      what === 'tag' ? 'TAG^{commit}' : 'BRANCH'
    }:main\n`,
  };
};
