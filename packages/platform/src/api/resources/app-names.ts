import { checkAppName } from '../../contract/app-name.ts';
import { PlatformError } from '../../contract/platform-error.ts';
import { apps } from '../../store/apps.ts';
import { ok } from '../answer.ts';
import { type Endpoint, param, signedIn } from '../endpoint.ts';
import type { Services } from '../services.ts';

/** Whether an app can be called so, before one asks for it; docs/api.md, "Names of apps". */
export const appNameEndpoints = ({ db }: Pick<Services, 'db'>): Endpoint[] => [
  signedIn('GET', '/app-names/:name', async (call) => {
    const name = param(call, 'name');
    const broken = brokenRule(name);
    const taken = broken === null && (await apps.isNamed(db, name));
    return ok({
      name,
      available: broken === null && !taken,
      problem: broken !== null ? 'rule' : taken ? 'taken' : null,
      message: broken ?? (taken ? `Name ${name} is already taken` : null),
    });
  }),
];

const brokenRule = (name: string): string | null => {
  try {
    checkAppName(name);
    return null;
  } catch (error) {
    if (error instanceof PlatformError) return error.message;
    throw error;
  }
};
