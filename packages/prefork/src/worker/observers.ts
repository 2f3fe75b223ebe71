import type { Hooks } from '../settings/hooks.ts';
import type { Settings } from '../settings/read-settings.ts';
import { forwardedObserver } from './forwarded.ts';
import type { Observer } from './observer.ts';

const hookObserver = ({ preRequest, postRequest }: Hooks): Observer => ({
  start: (request, response) => {
    preRequest?.(request, response);
    return response.writableEnded;
  },
  end: (request, response) => postRequest?.(request, response),
});

/** In the order in which they see a request. */
export const openObservers = async (settings: Settings, hooks: Hooks): Promise<readonly Observer[]> => {
  const { accesslog, accessLogFormat, statsdHost, statsdPrefix, requestTimeout } = settings;
  const observers: Observer[] = [];
  if (accesslog !== undefined) {
    observers.push((await import('./access-log.ts')).accessLogObserver(accesslog, accessLogFormat));
  }
  if (statsdHost !== undefined) {
    observers.push((await import('./statsd-observer.ts')).statsdObserver(statsdHost, statsdPrefix));
  }
  observers.push(forwardedObserver(settings));
  if (requestTimeout > 0) {
    observers.push((await import('./request-timeout.ts')).requestTimeoutObserver(requestTimeout * 1_000));
  }
  if (hooks.preRequest !== undefined || hooks.postRequest !== undefined) observers.push(hookObserver(hooks));
  return observers;
};
