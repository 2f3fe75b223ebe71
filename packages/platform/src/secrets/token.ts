import { createHash, randomBytes } from 'node:crypto';

/** Makes an unguessable token of 256 random bits, base64url after the prefix. */
export const newToken = (prefix = 'HRKU-'): string => prefix + randomBytes(32).toString('base64url');

/** SHA-256, the only form in which the store keeps a token; enough because tokens have 256 random bits. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
