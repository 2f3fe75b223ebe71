import type { Settings } from '../domain/settings.ts';
import { connectEngine } from '../engine/connect-engine.ts';
import { whyUnlimited } from '../engine/limit-builds.ts';
import { endpointName } from '../engine/locate-engine.ts';

/** Longer than an engine takes to answer on a busy machine. */
const answerMs = 5000;

export interface EngineDescription {
  readonly answers: boolean;
  /** Which one, or why none does. */
  readonly text: string;
  /** Why its builds are held to no memory and CPU limits; absent when they are. */
  readonly unlimited?: string;
}

/** Which container engine answers, in words. */
export const describeEngine = async ({ engine: host }: Pick<Settings, 'engine'>): Promise<EngineDescription> => {
  if (host === 'none') return { answers: false, text: 'switched off (setting engine: none)' };
  try {
    using engine = await connectEngine({ ...(host === 'auto' ? {} : { host }), signal: AbortSignal.timeout(answerMs) });
    const { version, isPodman, api } = engine.version;
    const kind = isPodman ? 'Podman' : 'Docker';
    const unlimited = await whyUnlimited(engine);
    return {
      answers: true,
      text: `${kind} ${version} (API ${api}) at ${endpointName(engine.endpoint)}`,
      ...(unlimited === undefined ? {} : { unlimited }),
    };
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    const reason = error instanceof Error ? error.message : String(error);
    return { answers: false, text: late ? `no answer within ${answerMs / 1000} s` : reason };
  }
};
