import type { AppId } from '../domain/ids.ts';
import { type LogSink, nowUs } from '../domain/log-line.ts';
import type { Release } from '../store/releases.ts';

/** Tells an app's log what became of a release; nothing while its release phase still runs. */
export const logRelease = (sink: LogSink, appId: AppId, release: Release): void => {
  const texts = {
    succeeded: `Release v${release.version} created by user ${release.accountEmail}`,
    failed: `Release v${release.version} failed: ${release.failureReason ?? 'no reason is known'}`,
    pending: undefined,
    expired: undefined,
  };
  const text = texts[release.status];
  if (text !== undefined) sink(appId, [{ atUs: nowUs(), source: 'app', dyno: 'api', text }]);
};
