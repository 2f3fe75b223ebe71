import type { DynoId } from '../../../domain/ids.ts';
import { inspectContainer, listContainers } from '../../../engine/containers.ts';
import type { Engine } from '../../../engine/engine.ts';
import { EngineError, unlessMissing } from '../../../engine/engine-error.ts';
import type { DynoStatus } from '../../driver.ts';
import { statusOf } from './container-status.ts';
import { containerName, platformLabels, readLabels } from './dyno-labels.ts';

/**
 * The statuses of a platform's dynos. A container starts and ends once, so what is known of it is asked again only after
 * a change; and an exit that is known stays one, though the engine's list may lag behind.
 */
export class ContainerStatuses {
  readonly #engine: Engine;
  readonly #platform: string;
  readonly #known = new Map<DynoId, DynoStatus>();

  constructor(engine: Engine, platform: string) {
    this.#engine = engine;
    this.#platform = platform;
  }

  /** All dynos of their own, running or exited; not those that are attached or were never started. */
  async list(): Promise<readonly DynoStatus[]> {
    const containers = await listContainers(this.#engine, platformLabels(this.#platform));
    const all = await Promise.all(
      containers.map(async ({ Labels, State }) => {
        const labels = readLabels(Labels);
        if (labels === undefined || labels.owner !== undefined || State === 'created' || State === 'removing')
          return [];
        const known = this.#known.get(labels.id);
        const runs = State !== 'exited' && State !== 'dead';
        if (known !== undefined && (known.state.kind === 'exited' || runs)) return [known];
        const status = await unlessMissing(this.look(labels.id));
        return status === undefined ? [] : [status];
      }),
    );
    return all.flat();
  }

  /** Asks the engine of this one. @throws EngineError when there is none. */
  async look(id: DynoId): Promise<DynoStatus> {
    const found = await inspectContainer(this.#engine, containerName(id));
    const labels = readLabels(found?.Config.Labels ?? {});
    if (found === undefined || labels === undefined) throw new EngineError(404, `There is no dyno ${id}.`);
    const status = statusOf(found, labels);
    this.#known.set(id, status);
    return status;
  }

  forget(id: DynoId): void {
    this.#known.delete(id);
  }
}
