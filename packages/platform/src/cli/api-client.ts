import { spawnSync } from 'node:child_process';

const platformOf = (): string => {
  const host = process.env.HEROKU_HOST;
  if (host?.startsWith('http') === true) return host;
  throw new Error('HEROKU_HOST is not set; run `eval "$(ravine env)"` first.');
};

/** The token that the heroku CLI is logged in with here. */
const tokenOf = (): string => {
  if (process.env.HEROKU_API_KEY) return process.env.HEROKU_API_KEY;
  const { stdout, status } = spawnSync('heroku', ['auth:token'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const token = (stdout ?? '').trim().split('\n').at(-1) ?? '';
  if (status === 0 && token !== '') return token;
  throw new Error('You are not logged in; run `heroku login`, or set HEROKU_API_KEY.');
};

/** Asks the platform as whoever is logged in to the heroku CLI. @throws Error with the API's words when it refuses. */
export const askApi = async (method: string, path: string, body?: unknown): Promise<unknown> => {
  const response = await fetch(platformOf() + path, {
    method,
    headers: {
      accept: 'application/vnd.heroku+json; version=3',
      authorization: `Bearer ${tokenOf()}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const message = (answer as { message?: unknown } | undefined)?.message; // the API's errors have one
  throw new Error(typeof message === 'string' ? message : `The platform answered with status ${response.status}.`);
};
