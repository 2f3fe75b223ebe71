import { randomBytes } from 'node:crypto';
import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import { locateBinaries } from '../postgres/binaries.ts';
import { ClusterTemplate } from '../postgres/template.ts';
import { hashPassword } from '../secrets/password.ts';
import { accounts } from '../store/accounts.ts';
import { authorizations } from '../store/authorizations.ts';
import { type Database, isUniqueViolation, openDatabase } from '../store/database.ts';
import { recoveryCodes } from '../store/recovery-codes.ts';
import { openStoreServer } from './store-server.ts';

/** Works on the store of a platform that runs, from beside it. */
const onStore = async <T>(settings: Settings, data: DataFolder, work: (db: Database) => Promise<T>): Promise<T> => {
  await using stack = new AsyncDisposableStack();
  const binaries = await locateBinaries(data.runtimes);
  const template = new ClusterTemplate(binaries, data.runtimes);
  const closing = new AbortController();
  stack.defer(() => closing.abort());
  const store = stack.use(await openStoreServer(settings, data, { binaries, template }, closing.signal));
  const db = openDatabase(store.address, () => store.nudge(), 1);
  stack.defer(() => db.destroy());
  return await work(db);
};

const newPassword = (): string => randomBytes(12).toString('base64url');

/**
 * Makes an account in the store of a platform that runs.
 * @returns its password, which is kept nowhere else.
 * @throws Error when the address is no e-mail address or has an account.
 */
export const addAccount = async (settings: Settings, data: DataFolder, email: string): Promise<string> => {
  if (!/^[^\s@]+@[^\s@]+$/.test(email))
    throw new Error(`expected an e-mail address such as you@example.com, got "${email}"`);
  const password = newPassword();
  const passwordHash = await hashPassword(password);
  try {
    await onStore(settings, data, (db) =>
      accounts.insert(db, { email, name: null, passwordHash, administrator: false }),
    );
  } catch (error) {
    if (isUniqueViolation(error)) throw new Error(`${email} has an account already`);
    throw error;
  }
  return password;
};

/**
 * Lets somebody in again who has lost password or authenticator: another password, no second factor, and everybody who
 * was signed in as them is signed out.
 * @returns the password, which is kept nowhere else.
 */
export const resetAccount = async (settings: Settings, data: DataFolder, email: string): Promise<string> => {
  const password = newPassword();
  const passwordHash = await hashPassword(password);
  await onStore(settings, data, (db) =>
    db.transaction().execute(async (tx) => {
      const account = await accounts.byEmail(tx, email);
      if (account === undefined)
        throw new Error(`nobody has the e-mail address ${email}; \`ravine accounts:add\` makes an account`);
      await accounts.update(tx, account.id, { passwordHash, twoFactor: false, sealedTotpSecret: null, totpStep: 0 });
      await recoveryCodes.replace(tx, account.id, []);
      for (const { id } of await authorizations.ofAccount(tx, account.id)) await authorizations.remove(tx, id);
    }),
  );
  return password;
};
