import { PlatformError, unauthorized } from '../contract/platform-error.ts';
import { verifyPassword } from '../secrets/password.ts';
import { type Account, accounts } from '../store/accounts.ts';
import type { Database } from '../store/database.ts';
import type { SecondFactors } from './second-factors.ts';
import { TokenBuckets } from './token-buckets.ts';

export interface LoginLimits {
  /** Wrong passwords in a row for one e-mail address; refilled within an hour. */
  readonly failuresPerEmail: number;
  /** Wrong passwords in a row from one network address; refilled within an hour. */
  readonly failuresPerAddress: number;
}

export const defaultLoginLimits: LoginLimits = { failuresPerEmail: 20, failuresPerAddress: 60 };

/** Checks e-mail and password, and slows down those who guess. */
export class Logins {
  readonly #db: Database;
  readonly #now: () => Date;
  readonly #byEmail: TokenBuckets;
  readonly #byAddress: TokenBuckets;
  readonly secondFactors: SecondFactors;

  constructor(db: Database, now: () => Date, limits: LoginLimits, secondFactors: SecondFactors) {
    this.secondFactors = secondFactors;
    this.#db = db;
    this.#now = now;
    this.#byEmail = new TokenBuckets(limits.failuresPerEmail, limits.failuresPerEmail, now);
    this.#byAddress = new TokenBuckets(limits.failuresPerAddress, limits.failuresPerAddress, now);
  }

  /**
   * @param secondFactor a code of the authenticator or a recovery code, for accounts that have set it up
   * @throws PlatformError unauthorized; two_factor when the password is right and the code missing or wrong; rate_limit after too many failures.
   */
  async check(email: string, password: string, address: string, secondFactor?: string): Promise<Account> {
    const key = email.toLowerCase();
    // Taken before the slow check, so that parallel guesses count too; a right password changes nothing for others.
    const takes = [this.#byEmail.take(key), this.#byAddress.take(address)];
    const refused = takes.find((take) => !take.granted);
    if (refused !== undefined) {
      throw new PlatformError('rate_limit', 'Too many failed logins. Wait a while, then try again.', {
        retryAfterSeconds: refused.retryAfterSeconds,
      });
    }
    const account = key.includes('\0') ? undefined : await accounts.byEmail(this.#db, key);
    const right = await verifyPassword(password, account?.passwordHash);
    if (account === undefined || !right) throw unauthorized('Invalid credentials provided. Check e-mail and password.');
    if (secondFactor !== undefined) await this.secondFactors.check(account, secondFactor);
    this.#byEmail.giveBack(key);
    this.#byAddress.giveBack(address);
    // Who has the password and is yet to be asked for the code has guessed nothing.
    if (secondFactor === undefined) await this.secondFactors.check(account, undefined);
    return accounts.update(this.#db, account.id, { lastLogin: this.#now() });
  }
}
