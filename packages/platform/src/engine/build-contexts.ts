import type { Engine } from './engine.ts';

interface CacheRecord {
  readonly ID: string;
  readonly Description: string;
  readonly InUse: boolean;
}

/** How BuildKit calls a context that came with a build's request; its name is never used again. */
const spentContext = /^http url http:\/\/build-context-/;

/**
 * Removes the contexts of builds that have ended, which BuildKit keeps as if a later build could ask for them. What the
 * layer cache needs of them it has copied.
 */
export const removeSpentContexts = async (engine: Engine): Promise<void> => {
  const { BuildCache } = await engine.json<{ readonly BuildCache?: readonly CacheRecord[] | null }>(
    'GET',
    '/system/df',
    { query: { type: 'build-cache' } },
  );
  for (const { ID, Description, InUse } of BuildCache ?? []) {
    if (InUse || !spentContext.test(Description)) continue;
    await engine.json('POST', '/build/prune', { query: { filters: JSON.stringify({ id: [ID] }) } });
  }
};
