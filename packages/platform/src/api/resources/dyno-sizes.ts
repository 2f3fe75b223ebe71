import { notFound } from '../../contract/platform-error.ts';
import { dynoSizeShape } from '../../contract/shapes/catalogue.ts';
import { dynoSizes } from '../../domain/dyno-size.data.ts';
import { list, ok } from '../answer.ts';
import { type Endpoint, onApp, param, signedIn } from '../endpoint.ts';

const order: readonly [string, ...string[]] = ['name', 'id'];

export const dynoSizeEndpoints = (): Endpoint[] => {
  const all = dynoSizes.map(dynoSizeShape);
  return [
    signedIn('GET', '/dyno-sizes', async (call) => list(call.headers.range, all, order)),
    onApp('GET', '/apps/:app/available-dyno-sizes', 'view', async (call) => list(call.headers.range, all, order)),
    signedIn('GET', '/dyno-sizes/:size', async (call) => {
      const wanted = param(call, 'size').toLowerCase();
      const found = all.find((size) => size.name.toLowerCase() === wanted || size.id === wanted);
      if (found === undefined) throw notFound('dyno size');
      return ok(found);
    }),
  ];
};
