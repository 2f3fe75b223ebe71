/** What connecting fails with when this machine or this process has run out of something: no dyno is to blame. */
const ownFaults = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** What it means that a dyno could not be reached. @param code of the system, such as `ECONNREFUSED` */
export const refusalOf = (code: string): 'H19' | 'H21' | 'H99' => {
  if (ownFaults.has(code)) return 'H99';
  return code === 'ETIMEDOUT' ? 'H19' : 'H21';
};
