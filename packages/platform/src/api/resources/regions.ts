import { notFound } from '../../contract/platform-error.ts';
import { regionShape } from '../../contract/shapes/catalogue.ts';
import { list, ok } from '../answer.ts';
import type { ApiSettings } from '../api-options.ts';
import { type Endpoint, param, signedIn } from '../endpoint.ts';

export const regionEndpoints = ({ region }: Pick<ApiSettings, 'region'>): Endpoint[] => [
  signedIn('GET', '/regions', async (call) => list(call.headers.range, [regionShape(region)], ['id', 'name'])),
  signedIn('GET', '/regions/:region', async (call) => {
    const only = regionShape(region);
    const wanted = param(call, 'region');
    if (wanted !== only.name && wanted !== only.id) throw notFound('region');
    return ok(only);
  }),
];
