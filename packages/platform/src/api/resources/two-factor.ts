import { PlatformError } from '../../contract/platform-error.ts';
import { created, ok } from '../answer.ts';
import { type Call, type Endpoint, type SignedInCall, signedIn } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Logins } from '../logins.ts';

/** The code that comes with a request, as the official client sends it. */
export const secondFactorOf = (call: Pick<Call, 'headers'>): string | undefined => {
  const value = call.headers['heroku-two-factor-code'];
  return typeof value === 'string' ? value : undefined;
};

/** Two-factor sign-in: an authenticator's codes and recovery codes. */
export const twoFactorEndpoints = (logins: Logins): Endpoint[] => {
  const { secondFactors } = logins;
  /** Whoever changes it must be the person, not only hold a token. */
  const proveIdentity = async (call: SignedInCall, fields: Fields): Promise<void> => {
    const code = fields.text('second_factor') ?? secondFactorOf(call);
    await logins
      .check(call.account.email, fields.requiredText('password'), call.request.socket.remoteAddress ?? '', code)
      .catch((error: unknown) => {
        if (error instanceof PlatformError && error.id === 'unauthorized') {
          throw new PlatformError('forbidden', 'password: expected your current password.');
        }
        throw error;
      });
  };

  return [
    signedIn('GET', '/account/two-factor', async ({ account }) =>
      ok({
        enabled: account.twoFactor,
        recovery_codes_left: account.twoFactor ? await secondFactors.recoveryCodesLeft(account) : 0,
      }),
    ),
    signedIn(
      'POST',
      '/account/two-factor',
      async (call) => {
        await proveIdentity(call, new Fields(call.body));
        const { secret, url } = await secondFactors.offer(call.account);
        return created({ secret, otpauth_url: url });
      },
      { secret: true },
    ),
    signedIn(
      'POST',
      '/account/two-factor/confirm',
      async (call) => {
        const codes = await secondFactors.confirm(call.account, new Fields(call.body).requiredText('code'));
        return created({ recovery_codes: codes });
      },
      { secret: true },
    ),
    signedIn(
      'POST',
      '/account/two-factor/recovery-codes',
      async (call) => {
        await proveIdentity(call, new Fields(call.body));
        return created({ recovery_codes: await secondFactors.renewRecoveryCodes(call.account) });
      },
      { secret: true },
    ),
    signedIn(
      'DELETE',
      '/account/two-factor',
      async (call) => {
        await proveIdentity(call, new Fields(call.body));
        await secondFactors.remove(call.account);
        return ok({ enabled: false, recovery_codes_left: 0 });
      },
      { secret: true },
    ),
  ];
};
