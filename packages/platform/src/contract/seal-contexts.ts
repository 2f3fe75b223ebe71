/** Under which context the extra env of a one-off dyno is sealed (`Keyring.openStrings`). */
export const dynoEnvContext = (dynoId: string): string => `dyno:${dynoId}:env`;
