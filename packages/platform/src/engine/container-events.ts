import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { Engine } from './engine.ts';

export interface ContainerEvent {
  /** The container's id. */
  readonly id: string;
  readonly action: 'die' | 'oom';
  readonly labels: Readonly<Record<string, string>>;
}

interface RawEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

const firstRetryMs = 50;
const longestRetryMs = 2000;

/**
 * Reports exits and memory kills of containers with this label until the signal fires. `connected` is called each time
 * the connection stands: what happened before that must be looked up.
 */
export const watchContainers = async (
  engine: Engine,
  label: string,
  listener: { readonly connected: () => void; readonly event: (event: ContainerEvent) => void },
  signal: AbortSignal,
): Promise<void> => {
  // Podman tells `die`, and lets it be asked for by its own word only.
  const filters = JSON.stringify({ type: ['container'], event: ['die', 'died', 'oom'], label: [label] });
  for (let retryMs = firstRetryMs; !signal.aborted; retryMs = Math.min(retryMs * 2, longestRetryMs)) {
    try {
      const stream = await engine.stream('GET', '/events', { query: { filters }, signal });
      listener.connected();
      retryMs = firstRetryMs;
      for await (const line of createInterface({ input: stream })) {
        // Cast: what the Engine API reference says of "Monitor events".
        const { Action, Actor } = JSON.parse(line) as RawEvent;
        if (Action !== 'die' && Action !== 'oom') continue;
        listener.event({ id: Actor.ID, action: Action, labels: Actor.Attributes });
      }
    } catch {
      // The engine is away: the next try says whether it is back.
    }
    await setTimeout(retryMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
};
