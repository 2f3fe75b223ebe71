import type { Call } from '../http/call.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { Acl, BucketRecord, ObjectRecord } from '../store/records.ts';

type Sent = Pick<Call, 'sender'>;

const letsRead = (acl: Acl, { sender }: Sent): boolean =>
  acl === 'public-read' || acl === 'public-read-write' || (acl === 'authenticated-read' && sender !== undefined);

export const isOwner = ({ sender }: Sent, store: AccountStore): boolean => sender === store;

export const mayList = (call: Sent, store: AccountStore, bucket: BucketRecord): boolean =>
  isOwner(call, store) || letsRead(bucket.acl, call);

export const mayWrite = (call: Sent, store: AccountStore, bucket: BucketRecord): boolean =>
  isOwner(call, store) || bucket.acl === 'public-read-write';

/** That an object isn't there is told to those only who may list. */
export const mayRead = (
  call: Sent,
  store: AccountStore,
  bucket: BucketRecord,
  object: ObjectRecord | undefined,
  key: string,
): boolean => {
  if (isOwner(call, store)) return true;
  const { publicPrefix } = store.account;
  if (publicPrefix !== undefined && key.startsWith(publicPrefix)) return true;
  return object === undefined ? mayList(call, store, bucket) : letsRead(object.about.acl, call);
};
