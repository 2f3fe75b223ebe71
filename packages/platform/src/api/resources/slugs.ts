import { pipeline } from 'node:stream/promises';
import { conflict, invalidParams, notFound, PlatformError } from '../../contract/platform-error.ts';
import { slugShape } from '../../contract/shapes/release.ts';
import type { SlugId } from '../../domain/ids.ts';
import { isUuid } from '../../store/is-uuid.ts';
import { type Slug, slugs } from '../../store/slugs.ts';
import type { ProcessTypes } from '../../store/tables.ts';
import { created, ok } from '../answer.ts';
import type { ApiSettings } from '../api-options.ts';
import { anyone, type Call, type Endpoint, onApp, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { limitBytes } from '../limit-bytes.ts';
import { newTicket, openTicket } from '../sealed-ticket.ts';
import type { Services } from '../services.ts';
import { checkStack } from './stacks.ts';

type Uses = Pick<Services, 'db' | 'keyring' | 'slugFiles' | 'now'>;
type Settings = Pick<ApiSettings, 'hasContainerEngine' | 'maxUploadBytes'>;

const ticketMs = 3_600_000;

export const slugEndpoints = (services: Uses, settings: Settings): Endpoint[] => {
  const { db, keyring, now } = services;
  const shape = (call: Call, slug: Slug) => {
    const method = slug.blobState === 'pending' ? 'put' : 'get';
    const ticket = newTicket(keyring, `slug ${method}`, slug.id, new Date(now().getTime() + ticketMs));
    return slugShape(slug, { method, url: `${call.base}/slug-blobs/${ticket}` });
  };
  const opened = async (call: Call, method: 'put' | 'get'): Promise<Slug> => {
    const id = openTicket(keyring, `slug ${method}`, param(call, 'ticket'), now());
    const slug = id === undefined ? undefined : await slugs.byId(db, id as SlugId); // sealed by us as one
    if (slug === undefined)
      throw notFound('slug', 'This address is unknown or its hour is over. Ask for the slug again.');
    return slug;
  };

  return [
    onApp('POST', '/apps/:app/slugs', 'deploy', async (call) => {
      const fields = new Fields(call.body);
      const slug = await slugs.insert(db, {
        appId: call.app.id,
        commit: fields.text('commit') ?? null,
        commitDescription: fields.text('commit_description') ?? null,
        checksum: fields.text('checksum') ?? null,
        sourceDigest: null,
        sizeBytes: null,
        processTypes: readProcessTypes(fields),
        stack: checkStack(fields.reference('stack') ?? call.app.stack, settings),
        buildpackProvidedDescription: fields.text('buildpack_provided_description') ?? null,
      });
      return created(shape(call, slug));
    }),
    onApp('GET', '/apps/:app/slugs/:slug', 'view', async (call) => {
      const id = param(call, 'slug');
      const slug = isUuid(id) ? await slugs.byId(db, id as SlugId) : undefined; // checked beside
      if (slug === undefined || slug.appId !== call.app.id) throw notFound('slug');
      return ok(shape(call, slug));
    }),
    anyone(
      'PUT',
      '/slug-blobs/:ticket',
      async (call) => {
        const slug = await opened(call, 'put');
        if (slug.blobState !== 'pending') throw conflict('This slug has its content already; create another slug.');
        const body = limitBytes(call.request, settings.maxUploadBytes);
        const { sizeBytes, checksum } = await services.slugFiles.receive(slug, body, call.signal);
        if (slug.checksum !== null && slug.checksum.toLowerCase() !== checksum.toLowerCase()) {
          throw invalidParams(`checksum: the slug was announced as ${slug.checksum}, what came is ${checksum}.`);
        }
        await slugs.markPresent(db, slug.id, { sizeBytes, checksum });
        return ok({});
      },
      { body: 'stream' },
    ),
    anyone('GET', '/slug-blobs/:ticket', async (call) => {
      const slug = await opened(call, 'get');
      const blob = slug.blobState === 'present' ? await services.slugFiles.send(slug, call.signal) : undefined;
      if (blob === undefined) throw new PlatformError('gone', 'The content of this slug is no longer kept.');
      return {
        kind: 'written',
        write: async (_req, res) => {
          res.writeHead(200, { 'content-type': 'application/gzip' });
          await pipeline(blob, res).catch(() => {}); // the reader went away
        },
      };
    }),
  ];
};

const readProcessTypes = (fields: Fields): ProcessTypes => {
  if (!fields.has('process_types'))
    throw invalidParams('process_types is required: expected an object such as {"web": "node server.js"}.');
  return Object.fromEntries(
    fields
      .object('process_types')
      .entries()
      .map(([type, command]) => {
        if (!/^[A-Za-z0-9_-]{1,63}$/.test(type) || typeof command !== 'string' || command.includes('\0')) {
          throw invalidParams(
            `process_types: expected a command for each type, got ${JSON.stringify({ [type]: command })}.`,
          );
        }
        return [type, command];
      }),
  );
};
