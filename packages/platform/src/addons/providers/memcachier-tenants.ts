import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeDurably } from '../../files/write-durably.ts';
import { type CredentialSettings, hashPassword, readTenants, type TenantSettings } from '../../memcached/tenant.ts';

/** Who the caches belong to and where they are reached; the file that the server starts from. */
export interface TenantFile {
  readonly port: number;
  readonly tenants: readonly TenantSettings[];
}

export const readTenantFile = async (folder: string): Promise<TenantFile | undefined> => {
  const text = await readFile(join(folder, 'tenants.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const { port, tenants } = JSON.parse(text) as { port: unknown; tenants: unknown }; // written below
  if (!Number.isInteger(port)) throw new Error(`${folder}/tenants.json names no port; restore it from a backup.`);
  return { port: Number(port), tenants: readTenants(tenants) };
};

/** Credentials whose time is over are left out. */
export const writeTenantFile = async (folder: string, { port, tenants }: TenantFile): Promise<TenantFile> => {
  await makeFolder(folder, 0o700);
  const now = Date.now();
  const file = {
    port,
    tenants: tenants.map((tenant) => ({
      ...tenant,
      credentials: tenant.credentials.filter(({ endsAtMs }) => endsAtMs === undefined || endsAtMs > now),
    })),
  };
  await writeDurably(join(folder, 'tenants.json'), JSON.stringify(file));
  return file;
};

export interface CredentialRights {
  readonly canWrite: boolean;
  readonly canFlush: boolean;
}

/** A credential that nobody has guessed before, and what is kept of it. */
export const newCredential = (
  rights: CredentialRights,
): { readonly settings: CredentialSettings; readonly username: string; readonly password: string } => {
  const username = randomBytes(4).toString('hex').toUpperCase();
  const password = randomBytes(16).toString('hex').toUpperCase();
  return { username, password, settings: { username, passwordHash: hashPassword(password), ...rights } };
};
