/** Under which context the extra env of a one-off dyno is sealed (`Keyring.openStrings`). */
export const dynoEnvContext = (dynoId: string): string => `dyno:${dynoId}:env`;

/** Under which context the private key of an SNI endpoint is sealed. */
export const endpointKeyContext = (endpointId: string): string => `sni-endpoint:${endpointId}:key`;
