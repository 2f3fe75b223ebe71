import { invalidParams, PlatformError } from '../contract/platform-error.ts';
import { totpContext } from '../contract/seal-contexts.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { hashRecoveryCode, newRecoveryCodes } from '../secrets/recovery-code.ts';
import { base32, matchTotp, newTotpSecret, totpUrl } from '../secrets/totp.ts';
import { type Account, accounts } from '../store/accounts.ts';
import type { Database } from '../store/database.ts';
import { recoveryCodes } from '../store/recovery-codes.ts';

/**
 * The second factor of an account.
 * - none: until a secret is offered
 * - offered: an authenticator may take the secret over; in force when it has shown a code of it
 * - in force: passwords alone no longer do; left when it is switched off with a code
 */
export class SecondFactors {
  readonly #db: Database;
  readonly #keyring: Keyring;
  readonly #now: () => Date;

  constructor(db: Database, keyring: Keyring, now: () => Date) {
    this.#db = db;
    this.#keyring = keyring;
    this.#now = now;
  }

  /** A secret for an authenticator, in place of one that was offered before. */
  async offer(account: Account): Promise<{ secret: string; url: string }> {
    if (account.twoFactor) throw invalidParams('Two-factor sign-in is on already. Switch it off to set it up anew.');
    const secret = newTotpSecret();
    await accounts.update(this.#db, account.id, {
      sealedTotpSecret: this.#keyring.seal(secret, totpContext(account.id)),
      totpStep: 0,
    });
    return { secret: base32(secret), url: totpUrl(secret, account.email) };
  }

  /** The authenticator shows that it has the secret; from now on it is asked for. @returns the recovery codes, this once */
  async confirm(account: Account, code: string): Promise<string[]> {
    if (account.sealedTotpSecret === null) throw invalidParams('code: begin with POST /account/two-factor.');
    if (!(await this.#isCode(account, code))) {
      throw invalidParams(
        'code: expected the six digits that your authenticator shows now. Check its clock, and try again.',
      );
    }
    return this.#db.transaction().execute(async (tx) => {
      await accounts.update(tx, account.id, { twoFactor: true });
      return renewCodes(tx, account);
    });
  }

  /** Other recovery codes; those of before no longer work. */
  renewRecoveryCodes(account: Account): Promise<string[]> {
    return this.#db.transaction().execute((tx) => renewCodes(tx, account));
  }

  async remove(account: Account): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      await accounts.update(tx, account.id, { twoFactor: false, sealedTotpSecret: null, totpStep: 0 });
      await recoveryCodes.replace(tx, account.id, []);
    });
  }

  recoveryCodesLeft(account: Account): Promise<number> {
    return recoveryCodes.count(this.#db, account.id);
  }

  /**
   * Checks a code of the authenticator or a recovery code; both work once. An account without a second factor passes.
   * @throws PlatformError two_factor when it is missing or wrong.
   */
  async check(account: Account, given: string | undefined): Promise<void> {
    if (!account.twoFactor) return;
    if (given === undefined || given === '')
      throw secondFactorNeeded(
        'A second factor is needed: the code that your authenticator shows, or a recovery code.',
      );
    if (await this.#isCode(account, given)) return;
    const hash = hashRecoveryCode(given);
    if (hash !== undefined && (await recoveryCodes.use(this.#db, account.id, hash))) return;
    throw secondFactorNeeded(
      'This code is wrong, or was used before. Enter the one that your authenticator shows now, or another recovery code.',
    );
  }

  async #isCode(account: Account, code: string): Promise<boolean> {
    if (account.sealedTotpSecret === null) return false;
    const secret = this.#keyring.open(account.sealedTotpSecret, totpContext(account.id));
    const step = matchTotp(secret, code, this.#now().getTime(), account.totpStep);
    // Of two that come with the same code at once, the store lets one pass.
    return step !== undefined && (await accounts.useTotpStep(this.#db, account.id, step));
  }
}

const secondFactorNeeded = (message: string): PlatformError => new PlatformError('two_factor', message);

const renewCodes = async (tx: Database, account: Account): Promise<string[]> => {
  const codes = newRecoveryCodes();
  await recoveryCodes.replace(
    tx,
    account.id,
    codes.flatMap((code) => hashRecoveryCode(code) ?? []),
  );
  return codes;
};
