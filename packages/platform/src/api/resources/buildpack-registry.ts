import { notFound } from '../../contract/platform-error.ts';
import { ok } from '../answer.ts';
import { anyone, type Endpoint, param } from '../endpoint.ts';

/** What `heroku buildpacks:set heroku/nodejs` looks names up in (HEROKU_BUILDPACK_REGISTRY_URL). */
export const buildpackRegistryEndpoints = (): Endpoint[] => [
  anyone('GET', '/buildpacks/:buildpack', async (call) => {
    const slug = param(call, 'buildpack');
    const name = /^heroku\/([a-z0-9-]+)$/.exec(slug)?.[1];
    if (name === undefined) {
      throw notFound(
        'buildpack',
        `${slug} is not in this registry: it has heroku/* only. Name other buildpacks by their URL.`,
      );
    }
    return ok({ name, namespace: 'heroku', blob_url: `urn:buildpack:${slug}` });
  }),
];
