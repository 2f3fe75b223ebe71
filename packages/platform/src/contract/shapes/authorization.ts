import type { OAuthAuthorization } from '@heroku-cli/schema';
import { stableId } from '../stable-id.ts';
import { type Complete, timestamp } from './complete.ts';

export interface AuthorizationFacts {
  readonly id: string;
  readonly description: string;
  readonly scope: readonly string[];
  readonly tokenPrefix: string;
  readonly tokenSuffix: string;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** @param token the whole token where it was just made; otherwise only its ends are known and shown */
export const authorizationShape = (
  authorization: AuthorizationFacts,
  user: { readonly id: string; readonly email: string; readonly name: string | null },
  token: string | undefined,
  now: Date,
): Complete<OAuthAuthorization> & { readonly description: string } => ({
  access_token: {
    expires_in:
      authorization.expiresAt === null
        ? null
        : Math.max(0, Math.floor((authorization.expiresAt.getTime() - now.getTime()) / 1000)),
    id: stableId('access token', authorization.id),
    token: token ?? `${authorization.tokenPrefix}**********${authorization.tokenSuffix}`,
  },
  client: null,
  created_at: timestamp(authorization.createdAt),
  description: authorization.description,
  grant: null,
  id: authorization.id,
  refresh_token: null,
  scope: [...authorization.scope],
  updated_at: timestamp(authorization.updatedAt),
  user: { email: user.email, full_name: user.name, id: user.id },
});
