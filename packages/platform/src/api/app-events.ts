import type { AppId } from '../domain/ids.ts';
import { type LogSink, nowUs } from '../domain/log-line.ts';

/** Writes what somebody did into the app's log: `app[api]: Scaled to web@2:Basic by user x`. */
export const logEvent = (sink: LogSink, appId: AppId, text: string): void =>
  sink(appId, [{ atUs: nowUs(), source: 'app', dyno: 'api', text }]);
