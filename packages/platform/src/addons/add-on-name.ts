import { randomInt } from 'node:crypto';
import { adjectives } from '../contract/app-name.data.ts';
import type { Service } from './catalogue.ts';

/** A name for an add-on whose user gave none: `postgresql-curved-34718`; may be taken, so the caller tries again. */
export const randomAddOnName = (service: Service): string =>
  `${service.namePrefix}-${adjectives[randomInt(adjectives.length)]}-${randomInt(10_000, 100_000)}`;

/** Whether a name that a user gave may be an add-on's. */
export const isAddOnName = (name: string): boolean => /^[a-z][a-z0-9-]{0,253}[a-z0-9]$/.test(name);
