import type { AppId } from '../domain/ids.ts';
import { type LogSink, nowUs } from '../domain/log-line.ts';
import type { Release } from '../store/releases.ts';

/** Tells an app's log what became of a release; nothing while its release phase still runs. */
export const logRelease = (sink: LogSink, appId: AppId, release: Release): void => {
  sink(
    appId,
    newsOf(release).map((text) => ({ atUs: nowUs(), source: 'app', dyno: 'api', text })),
  );
};

const newsOf = ({ status, version, description, failureReason, accountEmail }: Release): readonly string[] => {
  if (status === 'failed') return [`Release v${version} failed: ${failureReason ?? 'no reason is known'}`];
  if (status !== 'succeeded') return [];
  const created = `Release v${version} created by user ${accountEmail}`;
  // A deploy is told by its build, before its release phase.
  return description.startsWith('Deploy ') ? [created] : [`${description} by user ${accountEmail}`, created];
};
