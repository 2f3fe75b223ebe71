/** Under which context the extra env of a one-off dyno is sealed (`Keyring.openStrings`). */
export const dynoEnvContext = (dynoId: string): string => `dyno:${dynoId}:env`;

/** Under which context the private key of an SNI endpoint is sealed. */
export const endpointKeyContext = (endpointId: string): string => `sni-endpoint:${endpointId}:key`;

/** Under which context the key of a certificate that is on order is sealed. */
export const orderKeyContext = (domainId: string): string => `domain:${domainId}:order-key`;

/** Under which context the secret of an account's authenticator is sealed. */
export const totpContext = (accountId: string): string => `account:${accountId}:totp`;

/** Under which context the key of the account at an ACME authority is sealed. */
export const acmeAccountContext = (directoryUrl: string): string => `acme-account:${directoryUrl}`;
