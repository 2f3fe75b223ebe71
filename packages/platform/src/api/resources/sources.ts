import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { notFound } from '../../contract/platform-error.ts';
import { sourceShape } from '../../contract/shapes/build.ts';
import { created, ok } from '../answer.ts';
import type { ApiSettings } from '../api-options.ts';
import { anyone, type Call, type Endpoint, onApp, param, type SignedInCall, signedIn } from '../endpoint.ts';
import { limitBytes } from '../limit-bytes.ts';
import { newTicket, openTicket } from '../sealed-ticket.ts';
import type { Services } from '../services.ts';

type Settings = Pick<ApiSettings, 'sourcesFolder' | 'maxUploadBytes'>;

/** Dev Center "Building and Releasing Using the Platform API": the URLs are for one build, soon. */
const lifetimeMs = 3_600_000;

export const sourceEndpoints = (
  { keyring, now, urls }: Pick<Services, 'keyring' | 'now' | 'urls'>,
  settings: Settings,
): Endpoint[] => {
  const create = async (call: SignedInCall) => {
    const id = randomUUID();
    const expiresAt = new Date(now().getTime() + lifetimeMs);
    const path = (purpose: 'put' | 'get') => `/source-blobs/${newTicket(keyring, `source ${purpose}`, id, expiresAt)}`;
    // It is we who fetch it: a client's forwarder, or our own authority, may not be there for us.
    return created(sourceShape(call.base + path('put'), urls.api + path('get')));
  };
  const opened = (call: Call, purpose: 'put' | 'get'): string => {
    const id = openTicket(keyring, `source ${purpose}`, param(call, 'ticket'), now());
    if (id === undefined)
      throw notFound('source', 'This address is unknown or its hour is over. Create another source.');
    return join(settings.sourcesFolder, `${id}.tgz`);
  };
  return [
    signedIn('POST', '/sources', create),
    onApp('POST', '/apps/:app/sources', 'deploy', create),
    anyone(
      'PUT',
      '/source-blobs/:ticket',
      async (call) => {
        const file = opened(call, 'put');
        await removeOld(settings.sourcesFolder, now());
        const unfinished = `${file}.${randomUUID()}.part`;
        try {
          await pipeline(
            limitBytes(call.request, settings.maxUploadBytes),
            createWriteStream(unfinished, { mode: 0o600 }),
          );
          await rename(unfinished, file);
        } catch (error) {
          await rm(unfinished, { force: true });
          throw error;
        }
        return ok({});
      },
      { body: 'stream' },
    ),
    anyone('GET', '/source-blobs/:ticket', async (call) => {
      const file = opened(call, 'get');
      const facts = await stat(file).catch(() => undefined);
      if (facts === undefined) throw notFound('source', 'Nothing has been uploaded to this source yet.');
      return {
        kind: 'written',
        write: async (_req, res) => {
          res.writeHead(200, { 'content-type': 'application/gzip', 'content-length': facts.size });
          await pipeline(createReadStream(file), res).catch(() => {}); // the reader went away
        },
      };
    }),
  ];
};

/** Sources live as long as their addresses; each upload clears away those whose time is over. */
const removeOld = async (folder: string, now: Date): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    const facts = await stat(join(folder, name)).catch(() => undefined);
    if (facts !== undefined && now.getTime() - facts.mtimeMs > lifetimeMs)
      await rm(join(folder, name), { force: true });
  }
};
