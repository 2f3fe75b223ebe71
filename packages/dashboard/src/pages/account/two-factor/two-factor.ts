import { useQuery } from '@tanstack/react-query';
import { ask } from '../../../api/request.ts';

export interface TwoFactorState {
  readonly enabled: boolean;
  readonly recovery_codes_left: number;
}

/** What an authenticator is to be told; the secret is for those who type. */
export interface Offer {
  readonly secret: string;
  readonly otpauth_url: string;
}

export interface RecoveryCodes {
  readonly recovery_codes: readonly string[];
}

export const twoFactorPath = '/account/two-factor';

export const useTwoFactor = () =>
  useQuery({ queryKey: ['account', 'two-factor'], queryFn: () => ask<TwoFactorState>('GET', twoFactorPath) });
