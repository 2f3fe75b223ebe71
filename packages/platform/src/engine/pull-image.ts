import { createInterface } from 'node:readline';
import type { Engine } from './engine.ts';
import { EngineError } from './engine-error.ts';

/** Fetches an image by name; without a tag, `latest`. @throws EngineError with the engine's reason when it can't be had. */
export const pullImage = async (engine: Engine, name: string, signal?: AbortSignal): Promise<void> => {
  const tagged = /[:@][^/]+$/.test(name) ? name : `${name}:latest`;
  const stream = await engine.stream('POST', '/images/create', {
    query: { fromImage: tagged },
    ...(signal && { signal }),
  });
  for await (const line of createInterface({ input: stream })) {
    if (line.trim() === '') continue;
    // Cast: what the Engine API reference says of "Create an image".
    const { error } = JSON.parse(line) as { readonly error?: string };
    if (error !== undefined) throw new EngineError(500, error);
  }
};
