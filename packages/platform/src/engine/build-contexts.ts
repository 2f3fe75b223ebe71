import type { Engine } from './engine.ts';

interface CacheRecord {
  readonly ID: string;
  readonly Description: string;
  readonly InUse: boolean;
  /** RFC 3339. */
  readonly CreatedAt: string;
}

interface Span {
  readonly startedMs: number;
  readonly endedMs: number;
}

/** How BuildKit calls a context that came with a build's request; its name is random, and never used again. */
const spentContext = /^http url http:\/\/build-context-/;

/** The engine lets go of the context of a build that was broken off only after some seconds. */
const letGoMs = 60_000;

/**
 * The contexts of our builds, which BuildKit keeps as if a later build could ask for them; what the layer cache needs of
 * them it has copied. Since it doesn't say whose they are, those count as ours that came while a build of ours ran.
 */
export class BuildContexts {
  readonly #engine: Engine;
  #spans: readonly Span[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Notes a build that has ended. */
  note(startedAt: Date): void {
    this.#spans = [...this.#spans, { startedMs: startedAt.getTime(), endedMs: Date.now() }];
  }

  /** Removes those of the builds noted, as far as the engine has let go of them; asks nothing where there is nothing to remove. */
  async removeSpent(): Promise<void> {
    const spans = this.#spans;
    if (spans.length === 0) return;
    const { BuildCache } = await this.#engine.json<{ readonly BuildCache?: readonly CacheRecord[] | null }>(
      'GET',
      '/system/df',
      { query: { type: 'build-cache' } },
    );
    for (const { ID, Description, InUse, CreatedAt } of BuildCache ?? []) {
      const createdMs = Date.parse(CreatedAt);
      const ours = spans.some(({ startedMs, endedMs }) => startedMs <= createdMs && createdMs <= endedMs);
      if (InUse || !ours || !spentContext.test(Description)) continue;
      await this.#engine.json('POST', '/build/prune', { query: { filters: JSON.stringify({ id: [ID] }) } });
    }
    const settledMs = Date.now() - letGoMs;
    this.#spans = this.#spans.filter((span) => !spans.includes(span) || span.endedMs > settledMs);
  }
}
