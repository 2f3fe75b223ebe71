import { dynoSizes, findDynoSize } from '../domain/dyno-size.data.ts';
import { invalidParams } from './platform-error.ts';

/**
 * The proper name of a dyno size given in any case.
 * @throws PlatformError naming the sizes there are.
 */
export const sizeNamed = (name: string): string => {
  const size = findDynoSize(name);
  if (size !== undefined) return size.name;
  const known = dynoSizes.map((one) => one.name).join(', ');
  throw invalidParams(`Couldn't find that dyno size (${name}). There are: ${known}.`);
};
