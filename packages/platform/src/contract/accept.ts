import { PlatformError } from './platform-error.ts';

/**
 * Accepts version 3 of the API and its variants (`version=3.sdk`), and clients that name no version.
 * @throws PlatformError not_acceptable for any other version.
 */
export const checkAccept = (header: string | undefined): void => {
  for (const part of (header ?? '').split(',')) {
    const version = /application\/vnd\.heroku\+json\s*;\s*version=([^;,\s]*)/i.exec(part)?.[1];
    if (version !== undefined && !/^3(\..*)?$/.test(version)) {
      throw new PlatformError(
        'not_acceptable',
        `Version ${version} of the API isn't spoken here; ask with Accept: application/vnd.heroku+json; version=3`,
      );
    }
  }
};
