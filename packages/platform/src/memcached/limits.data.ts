const kb = 1024;
const mb = 1024 * kb;

export const limits = {
  /** The protocol's own. */
  keyBytes: 250,
  valueBytes: mb,
  /** A command's line without its data; lists of keys may be longer. */
  lineBytes: 2 * kb,
  keyListBytes: mb,
  /** Answers that wait in our memory for a client to read them; until it does, it is read from no further. */
  unreadBytes: mb,
  /** Halves of commands of all clients together. */
  unfinishedBytes: 256 * mb,
  connections: 8192,
  connectionsOfTenant: 1024,
  /** From the first byte to the credentials. */
  loginMs: 10_000,
  /** Without a byte, in the middle of a command or of an answer. */
  stalledMs: 60_000,
} as const;
