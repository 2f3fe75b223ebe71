import { invalidParams, notFound } from '../../contract/platform-error.ts';
import type { AddOn } from '../../store/add-ons.ts';
import { accepted, ok } from '../answer.ts';
import { type Endpoint, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { assertLeads, onDatabase } from '../postgres-database.ts';
import { requester } from '../requester.ts';
import type { DatabaseCredential, Services } from '../services.ts';

const path = '/postgres/v0/databases/:database';

/** The part of Heroku's data API behind `heroku pg:credentials` (Dev Center "Heroku Postgres Credentials"). */
export const postgresCredentialEndpoints = ({ db, databases }: Pick<Services, 'db' | 'databases'>): Endpoint[] => {
  const { credentials } = databases;
  const all = async (addOn: AddOn): Promise<DatabaseCredential[]> => [
    { name: 'default', state: 'active', url: databases.url(addOn) },
    ...(await credentials.list(addOn)),
  ];
  const rotated = accepted({ message: 'The password has been rotated.' });
  return [
    onDatabase(db, 'GET', `${path}/credentials`, 'view', async (_call, addOn) =>
      ok((await all(addOn)).map((credential) => shape(addOn, credential))),
    ),
    onDatabase(db, 'POST', `${path}/credentials`, 'operate', async (call, addOn) => {
      await assertLeads(databases, addOn);
      const name = new Fields(call.body).requiredText('name');
      await credentials.create(addOn, name);
      return accepted({ message: `The credential ${name} has been made.` });
    }),
    onDatabase(db, 'GET', `${path}/credentials/:name`, 'view', async (call, addOn) => {
      const name = param(call, 'name');
      const found = (await all(addOn)).find((credential) => credential.name === name);
      if (found === undefined) throw notFound('credential', `${addOn.name} has no credential ${JSON.stringify(name)}.`);
      return ok(shape(addOn, found));
    }),
    onDatabase(db, 'DELETE', `${path}/credentials/:name`, 'operate', async (call, addOn) => {
      await assertLeads(databases, addOn);
      const name = param(call, 'name');
      if (name === 'default') throw invalidParams('name: the default credential can be rotated, and not destroyed.');
      await credentials.destroy(addOn, name);
      return ok({ message: `The credential ${name} is gone.` });
    }),
    onDatabase(db, 'POST', `${path}/credentials_rotation`, 'operate', async (call, addOn) => {
      await assertLeads(databases, addOn);
      const forced = isForced(call.body);
      for (const { name } of await credentials.list(addOn)) {
        await credentials.rotate(addOn, name, requester(call), forced);
      }
      await databases.rotate(addOn, requester(call));
      return rotated;
    }),
    onDatabase(db, 'POST', `${path}/credentials/:name/credentials_rotation`, 'operate', async (call, addOn) => {
      await assertLeads(databases, addOn);
      const name = param(call, 'name');
      if (name === 'default') await databases.rotate(addOn, requester(call));
      else await credentials.rotate(addOn, name, requester(call), isForced(call.body));
      return rotated;
    }),
    onDatabase(db, 'POST', `${path}/repair-default`, 'operate', async (_call, addOn) => {
      await assertLeads(databases, addOn);
      await credentials.repairDefault(addOn);
      return accepted({ message: 'All that the credentials own belongs to the default one.' });
    }),
  ];
};

const isForced = (body: unknown): boolean => new Fields(body).flag('forced') ?? false;

const shape = (addOn: AddOn, { name, state, url }: DatabaseCredential) => {
  const address = new URL(url);
  return {
    uuid: addOn.id,
    name,
    state: state === 'active' ? 'active' : 'rotating',
    database: address.pathname.slice(1),
    host: address.hostname,
    port: Number(address.port),
    credentials: [{ user: address.username, password: address.password, state: 'active', connections: null }],
  };
};
