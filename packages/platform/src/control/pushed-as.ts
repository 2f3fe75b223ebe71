import type { Push } from '../git/receive-service.ts';
import { actAs } from '../store/acting.ts';
import type { PushContext } from './build-service.ts';

/** Runs what a push sets off as the pusher's. */
export const pushedAs = <T>(push: Pick<Push, 'context'>, work: () => T): T => {
  const { by } = JSON.parse(push.context) as PushContext; // written by our own git endpoint
  return actAs({ id: by.id, email: by.email, via: 'git' }, work);
};
