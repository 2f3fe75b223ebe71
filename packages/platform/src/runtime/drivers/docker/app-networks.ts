import type { AppId } from '../../../domain/ids.ts';
import type { Engine } from '../../../engine/engine.ts';
import { ensureNetwork, listNetworks, removeNetwork } from '../../../engine/networks.ts';
import { networkName, platformLabels } from './dyno-labels.ts';

/** The bridge networks of apps, each there while its app has dynos; one thing at a time is done to each. */
export class AppNetworks {
  readonly #engine: Engine;
  readonly #platform: string;
  readonly #last = new Map<AppId, Promise<void>>();

  constructor(engine: Engine, platform: string) {
    this.#engine = engine;
    this.#platform = platform;
  }

  ensure(appId: AppId): Promise<void> {
    const labels = { ...platformLabels(this.#platform), 'ravine.app': appId };
    return this.#next(appId, () => ensureNetwork(this.#engine, networkName(this.#platform, appId), labels));
  }

  /** Removes it unless a dyno uses it. */
  release(appId: AppId): Promise<void> {
    return this.#next(appId, () => removeNetwork(this.#engine, networkName(this.#platform, appId)));
  }

  /** Removes those that no dyno uses. */
  async sweep(): Promise<void> {
    for (const name of await listNetworks(this.#engine, platformLabels(this.#platform))) {
      await removeNetwork(this.#engine, name);
    }
  }

  #next(appId: AppId, act: () => Promise<void>): Promise<void> {
    const next = (this.#last.get(appId) ?? Promise.resolve()).catch(() => undefined).then(act);
    this.#last.set(appId, next);
    const forget = (): void => {
      if (this.#last.get(appId) === next) this.#last.delete(appId);
    };
    next.then(forget, forget);
    return next;
  }
}
