import type { Settings } from '../domain/settings.ts';
import { connectEngine } from '../engine/connect-engine.ts';
import { endpointName } from '../engine/locate-engine.ts';

/** Longer than an engine takes to answer on a busy machine. */
const answerMs = 5000;

/** Which container engine answers, in words; or why none does. */
export const describeEngine = async ({
  engine: host,
}: Pick<Settings, 'engine'>): Promise<{ readonly answers: boolean; readonly text: string }> => {
  if (host === 'none') return { answers: false, text: 'switched off (setting engine: none)' };
  try {
    using engine = await connectEngine({ ...(host === 'auto' ? {} : { host }), signal: AbortSignal.timeout(answerMs) });
    const { version, isPodman, api } = engine.version;
    const kind = isPodman ? 'Podman' : 'Docker';
    return { answers: true, text: `${kind} ${version} (API ${api}) at ${endpointName(engine.endpoint)}` };
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    const reason = error instanceof Error ? error.message : String(error);
    return { answers: false, text: late ? `no answer within ${answerMs / 1000} s` : reason };
  }
};
