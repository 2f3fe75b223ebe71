import { randomBytes } from 'node:crypto';
import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import { locateBinaries } from '../postgres/binaries.ts';
import { ClusterTemplate } from '../postgres/template.ts';
import { hashPassword } from '../secrets/password.ts';
import { accounts } from '../store/accounts.ts';
import { isUniqueViolation, openDatabase } from '../store/database.ts';
import { openStoreServer } from './store-server.ts';

/**
 * Makes an account in the store of a platform that runs.
 * @returns its password, which is kept nowhere else.
 * @throws Error when the address is no e-mail address or has an account.
 */
export const addAccount = async (settings: Settings, data: DataFolder, email: string): Promise<string> => {
  if (!/^[^\s@]+@[^\s@]+$/.test(email))
    throw new Error(`expected an e-mail address such as you@example.com, got "${email}"`);
  await using stack = new AsyncDisposableStack();
  const binaries = await locateBinaries(data.runtimes);
  const template = new ClusterTemplate(binaries, data.runtimes);
  const closing = new AbortController();
  stack.defer(() => closing.abort());
  const store = stack.use(await openStoreServer(settings, data, { binaries, template }, closing.signal));
  const db = openDatabase(store.address, () => store.nudge(), 1);
  stack.defer(() => db.destroy());
  const password = randomBytes(12).toString('base64url');
  try {
    await accounts.insert(db, { email, name: null, passwordHash: await hashPassword(password), administrator: false });
  } catch (error) {
    if (isUniqueViolation(error)) throw new Error(`${email} has an account already`);
    throw error;
  }
  return password;
};
