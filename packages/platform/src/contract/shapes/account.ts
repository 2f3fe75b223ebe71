import type { Account } from '@heroku-cli/schema';
import { type Complete, timestamp } from './complete.ts';

export interface AccountFacts {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastLogin: Date | null;
  readonly twoFactor: boolean;
}

export const accountShape = (account: AccountFacts): Complete<Account> => ({
  allow_tracking: false,
  beta: false,
  country_of_residence: null,
  created_at: timestamp(account.createdAt),
  default_organization: null,
  default_team: null,
  delinquent_at: null,
  email: account.email,
  federated: false,
  id: account.id,
  identity_provider: null,
  last_login: account.lastLogin === null ? null : timestamp(account.lastLogin),
  name: account.name,
  sms_number: null,
  suspended_at: null,
  two_factor_authentication: account.twoFactor,
  updated_at: timestamp(account.updatedAt),
  verified: true,
});
