import type { AddOnId } from '../../domain/ids.ts';

/** How it stands about bringing one database to a newer version. */
export type UpgradeState =
  | { readonly kind: 'none' }
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly warnings: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

/** Upgrades that run or have run since this process began; those of a killed process have changed nothing, or are over. */
export class PostgresUpgrades {
  readonly #states = new Map<AddOnId, UpgradeState>();
  readonly #running = new Set<Promise<void>>();

  of(id: AddOnId): UpgradeState {
    return this.#states.get(id) ?? { kind: 'none' };
  }

  /** @param work is told where to put what could not be taken along */
  start(id: AddOnId, work: (warn: (message: string) => void) => Promise<void>, onEnd: () => void): void {
    const warnings: string[] = [];
    this.#states.set(id, { kind: 'running' });
    const over = work((message) => warnings.push(message))
      .then(
        (): UpgradeState => ({ kind: 'done', warnings }),
        (error: unknown): UpgradeState => ({
          kind: 'failed',
          reason: error instanceof Error ? error.message : String(error),
        }),
      )
      .then((state) => {
        this.#states.set(id, state);
        this.#running.delete(over);
        onEnd();
      });
    this.#running.add(over);
  }

  /** Resolves when none runs. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}
