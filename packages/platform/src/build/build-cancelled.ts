import { BuildFailed } from './build-failed.ts';

/** Why a cancelled build ended: the signal's reason when that is for the app's owner. */
export const buildCancelled = ({ reason }: AbortSignal): BuildFailed =>
  reason instanceof BuildFailed
    ? reason
    : new BuildFailed('build_cancelled', 'The build was cancelled.', { cause: reason });
