import { BuildFailed } from '../build/build-failed.ts';
import type { BuildId } from '../domain/ids.ts';

/** An app's one build under way: it can be cancelled until it begins to release what it made, and not afterwards. */
export class BuildTurn {
  readonly #cancelled = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  #releasing = false;
  /** Known once the build is noted. */
  buildId: BuildId | undefined;

  /** Aborts when the build is cancelled, with a {@link BuildFailed} that says why. */
  get signal(): AbortSignal {
    return this.#cancelled.signal;
  }

  /** Resolves when nothing of the build is under way any more. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** @returns whether the build ends for it: not when its release is being made already. */
  cancel(reason: string): boolean {
    if (!this.#releasing) this.#cancelled.abort(new BuildFailed('build_cancelled', reason));
    return !this.#releasing;
  }

  /** The point of no return. @returns false when the build was cancelled before. */
  beginRelease(): boolean {
    this.#releasing = !this.signal.aborted;
    return this.#releasing;
  }

  end(): void {
    this.#ended.resolve();
  }
}
