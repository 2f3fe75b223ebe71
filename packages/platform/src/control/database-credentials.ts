import { randomBytes } from 'node:crypto';
import { planOfRecord } from '../addons/catalogue.ts';
import type { Resource } from '../addons/provider.ts';
import type { PostgresProvider } from '../addons/providers/postgres.ts';
import type { RunningDatabase } from '../addons/providers/postgres-content.ts';
import {
  credentialNameRule,
  disconnectRole,
  isCredentialName,
  putCredential,
  removeCredential,
  repairDefault,
} from '../addons/providers/postgres-credentials.ts';
import type { DatabaseCredentials } from '../api/services.ts';
import { credentialOf } from '../contract/credential-namespace.ts';
import { invalidParams, notFound } from '../contract/platform-error.ts';
import type { AddOnId } from '../domain/ids.ts';
import { oneAtATime } from '../postgres/backup/one-at-a-time.ts';
import { credentialContext } from '../release/app-config.ts';
import type { Releases } from '../release/releases.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { type AddOn, addOns } from '../store/add-ons.ts';
import { attachments } from '../store/attachments.ts';
import { type Credential, credentials } from '../store/credentials.ts';
import { type Database, isUniqueViolation } from '../store/database.ts';
import { alignFollower } from './follower-config.ts';

export interface CredentialsParts {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly releases: Releases;
  readonly provider: PostgresProvider;
  readonly running: (addOn: AddOn) => RunningDatabase;
  /** The address of the default credential. */
  readonly url: (addOn: AddOn) => string;
}

/**
 * Credentials of databases beside the default one. What is wanted is noted in the store first and then done in the
 * database, so that what a killed process has left half-way is finished when the database next comes up.
 */
export class CredentialsOfDatabases implements DatabaseCredentials {
  readonly #parts: CredentialsParts;
  readonly #inTurn = oneAtATime();

  constructor(parts: CredentialsParts) {
    this.#parts = parts;
  }

  async list(addOn: AddOn) {
    const all = await credentials.ofAddOn(this.#parts.db, addOn.id);
    return all.map(({ name, state, sealedConfig }) => ({ name, state, url: this.#open(addOn.id, name, sealedConfig) }));
  }

  create(addOn: AddOn, name: string): Promise<void> {
    return this.#inTurn(() => this.#create(addOn, name));
  }

  async #create(addOn: AddOn, name: string): Promise<void> {
    const { db, keyring, url, running } = this.#parts;
    const target = running(addOn);
    if (!isCredentialName(name, target.user)) {
      throw invalidParams(`name: ${credentialNameRule}; got ${JSON.stringify(name)}.`);
    }
    const address = withSecret(url(addOn), name);
    const sealedConfig = keyring.sealJson({ URL: address.href }, credentialContext(addOn.id, name));
    const row = { addOnId: addOn.id, name, state: 'creating', sealedConfig } as const;
    await credentials.insert(db, row).catch((error: unknown) => {
      throw isUniqueViolation(error) ? invalidParams(`name: ${addOn.name} has a credential ${name} already.`) : error;
    });
    await this.#perform(addOn, target, row);
  }

  rotate(...call: Rotation): Promise<void> {
    return this.#inTurn(() => this.#rotate(...call));
  }

  async #rotate(...[addOn, name, by, forced]: Rotation): Promise<void> {
    const { db, releases, running } = this.#parts;
    const target = running(addOn);
    const { url } = await this.#known(addOn, name);
    const config = { URL: withSecret(url, name).href };
    // Noted first: a rotation that is killed between the two is finished when the database next comes up.
    await releases.credentialChanged(addOn.id, by, { name, state: 'rotating', config });
    const row = await credentials.find(db, addOn.id, name);
    if (row !== undefined) await this.#perform(addOn, target, row);
    if (forced) await disconnectRole(target, name);
  }

  destroy(addOn: AddOn, name: string): Promise<void> {
    return this.#inTurn(() => this.#destroy(addOn, name));
  }

  async #destroy(addOn: AddOn, name: string): Promise<void> {
    const { db, provider, running } = this.#parts;
    const target = running(addOn);
    const row = await this.#known(addOn, name);
    for (const id of [addOn.id, ...(await provider.followersOf(addOn.id))]) {
      const attached = (await attachments.ofAddOn(db, id)).filter((one) => credentialOf(one.namespace) === name);
      if (attached.length > 0) {
        const names = attached.map((one) => one.name).join(', ');
        throw invalidParams(`Credential ${name} is attached as ${names}. Detach it with heroku addons:detach first.`);
      }
    }
    await credentials.become(db, row, 'destroying');
    await this.#perform(addOn, target, { ...row, state: 'destroying' });
  }

  async repairDefault(addOn: AddOn): Promise<void> {
    const all = await credentials.ofAddOn(this.#parts.db, addOn.id);
    await repairDefault(
      this.#parts.running(addOn),
      all.filter(({ state }) => state === 'active' || state === 'rotating').map(({ name }) => name),
    );
  }

  /** Finishes what a killed process has left half-way, when the database is up; a follower gets what its leader has. */
  finish(id: AddOnId): Promise<void> {
    return this.#inTurn(() => this.#finish(id));
  }

  async #finish(id: AddOnId): Promise<void> {
    const { db, provider } = this.#parts;
    const addOn = await addOns.byId(db, id);
    if (addOn?.state !== 'provisioned' || !provider.isRunning(id)) return;
    const leader = await provider.leaderOf(id);
    if (leader !== undefined) return alignFollower(this.#parts, id, leader);
    for (const row of await credentials.ofAddOn(db, id)) {
      if (row.state !== 'active') await this.#perform(addOn, provider.running(id, addOn.resource as Resource), row); // providers write Resources only
    }
  }

  /** Does in the database what a row says, and then notes that it is done, also for those that follow it. */
  async #perform(
    addOn: AddOn,
    target: RunningDatabase,
    row: Pick<Credential, 'addOnId' | 'name' | 'state' | 'sealedConfig'>,
  ): Promise<void> {
    const { db } = this.#parts;
    const { name } = row;
    if (row.state === 'destroying') {
      await removeCredential(target, name);
      await credentials.remove(db, row);
    } else {
      const { password } = new URL(this.#open(addOn.id, name, row.sealedConfig));
      await putCredential(target, {
        name,
        password,
        connections: planOfRecord(addOn)?.connections ?? Number(addOn.resource.connections),
      });
      await credentials.become(db, row, 'active');
    }
    await this.#alignFollowers(addOn);
  }

  /** Gives all that follow a database the passwords that it has now. */
  alignFollowers(addOn: Pick<AddOn, 'id'>): Promise<void> {
    return this.#inTurn(() => this.#alignFollowers(addOn));
  }

  async #alignFollowers({ id }: Pick<AddOn, 'id'>): Promise<void> {
    for (const follower of await this.#parts.provider.followersOf(id)) await alignFollower(this.#parts, follower, id);
  }

  async #known(addOn: AddOn, name: string): Promise<Credential & { readonly url: string }> {
    const row = await credentials.find(this.#parts.db, addOn.id, name);
    if (row === undefined) throw notFound('credential', `${addOn.name} has no credential ${JSON.stringify(name)}.`);
    return { ...row, url: this.#open(addOn.id, name, row.sealedConfig) };
  }

  #open(id: AddOnId, name: string, sealed: Buffer): string {
    return this.#parts.keyring.openStrings(sealed, credentialContext(id, name)).URL ?? '';
  }
}

type Rotation = Parameters<DatabaseCredentials['rotate']>;

/** The same database, for another role with a password of its own. */
const withSecret = (address: string, user: string): URL => {
  const url = new URL(address);
  url.username = user;
  url.password = newPassword();
  return url;
};

/** A password as those of databases are. */
export const newPassword = (): string => `p${randomBytes(32).toString('hex')}`;
