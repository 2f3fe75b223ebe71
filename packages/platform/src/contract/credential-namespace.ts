const prefix = 'credential:';

/** The credential that attachments of a namespace connect with (`credential:reports`); undefined for the default one. */
export const credentialOf = (namespace: string | null): string | undefined =>
  namespace?.startsWith(prefix) ? namespace.slice(prefix.length) : undefined;
