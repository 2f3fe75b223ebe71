import { Refusal } from './reply.ts';

export interface Route<Handler> {
  readonly method: 'GET' | 'POST';
  /** `/books/:slug`: a part with a colon takes small letters, digits and hyphens. */
  readonly path: string;
  readonly handler: Handler;
}

export interface Match<Handler> {
  readonly handler: Handler;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the handler for a method and a path. HEAD goes where GET goes. */
export function createRouter<Handler>(routes: readonly Route<Handler>[]) {
  const patterns = routes.map((route) => ({ ...route, pattern: toPattern(route.path) }));

  /** @throws Refusal 404 or, with the header Allow, 405. */
  return function find(method: string, path: string): Match<Handler> {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const allowed = new Set<string>();
    for (const route of patterns) {
      const match = route.pattern.exec(path);
      if (match === null) continue;
      if (route.method === wanted) return { handler: route.handler, params: match.groups ?? {} };
      allowed.add(route.method === 'GET' ? 'GET, HEAD' : route.method);
    }
    if (allowed.size === 0)
      throw new Refusal(404, 'There is no page at this address. Try the search, or start at the shelf.');
    throw new Refusal(405, `This address doesn't take ${method} requests.`, { allow: [...allowed].join(', ') });
  };
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/:(\w+)/g, '(?<$1>[a-z0-9-]+)')}$`);
}
