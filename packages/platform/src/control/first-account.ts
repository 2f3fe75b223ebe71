import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import type { DataFolder } from '../domain/data-folder.ts';
import { hashPassword } from '../secrets/password.ts';
import { accounts } from '../store/accounts.ts';
import type { Database } from '../store/database.ts';

/**
 * Makes the administrator's account on the first start. Its password is written to a file of mode 0600 before the
 * account is made, so that a start which is cut off here loses nothing; `ravine up` shows it until the first login.
 */
export const ensureFirstAccount = async (db: Database, data: DataFolder, email: string): Promise<void> => {
  if (await accounts.any(db)) return;
  const password = randomBytes(12).toString('base64url');
  const temporary = `${data.firstPassword}.tmp`;
  await writeFile(temporary, `${JSON.stringify({ email, password })}\n`, { mode: 0o600 });
  await rename(temporary, data.firstPassword);
  await accounts.insert(db, { email, name: null, passwordHash: await hashPassword(password), administrator: true });
};

/** Once somebody has logged in, the first password is shown no more. */
export const forgetFirstPassword = async (db: Database, data: DataFolder, email: string): Promise<void> => {
  const account = await accounts.byEmail(db, email);
  if (account?.lastLogin != null) await rm(data.firstPassword, { force: true });
};
