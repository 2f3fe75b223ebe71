import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { stackShape } from '../../contract/shapes/catalogue.ts';
import { stacks } from '../../contract/stacks.data.ts';
import { list, ok } from '../answer.ts';
import type { ApiSettings } from '../api-options.ts';
import { type Endpoint, param, signedIn } from '../endpoint.ts';

type Settings = Pick<ApiSettings, 'hasContainerEngine'>;

const find = (name: string) => stacks.map(stackShape).find((stack) => stack.name === name || stack.id === name);

/**
 * The name of a stack that an app can be put on.
 * @throws PlatformError not_found for an unknown one; invalid_params for `container` where no engine answers.
 */
export const checkStack = (nameOrId: string, settings: Settings): string => {
  const name = find(nameOrId)?.name;
  if (name === undefined) {
    throw notFound(
      'stack',
      `Couldn't find that stack (${nameOrId}). There are: ${stacks.map((stack) => stack.name).join(', ')}.`,
    );
  }
  if (name === 'container' && !settings.hasContainerEngine()) {
    throw invalidParams(
      'The container stack needs a container engine, and none has answered. Install Docker or Podman and start it, and try again a few seconds later; or stay on a buildpack stack such as heroku-24.',
    );
  }
  return name;
};

export const stackEndpoints = (): Endpoint[] => [
  signedIn('GET', '/stacks', async (call) => list(call.headers.range, stacks.map(stackShape), ['name', 'id'])),
  signedIn('GET', '/stacks/:stack', async (call) => {
    const found = find(param(call, 'stack'));
    if (found === undefined) throw notFound('stack');
    return ok(found);
  }),
];
