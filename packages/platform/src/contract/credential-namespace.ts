const prefix = 'credential:';

/** The namespace of attachments that connect with a credential of this name: `credential:reports`. */
export const credentialNamespace = (name: string): string => prefix + name;

/** The credential that attachments of a namespace connect with; undefined for the default one. */
export const credentialOf = (namespace: string | null): string | undefined =>
  namespace?.startsWith(prefix) ? namespace.slice(prefix.length) : undefined;
