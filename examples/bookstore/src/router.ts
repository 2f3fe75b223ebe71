import { Refusal } from './reply.ts';

export interface Route<Handler> {
  readonly method: 'GET' | 'POST';
  /** `/books/:slug`: a part with a colon takes small letters, digits and hyphens. */
  readonly path: string;
  readonly handler: Handler;
  /** Only for those who work here. */
  readonly staff?: boolean;
  /** For forms with files. */
  readonly maxFormBytes?: number;
}

export interface Match<Handler> {
  readonly route: Route<Handler>;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route for a method and a path. HEAD goes where GET goes. */
export function createRouter<Handler>(routes: readonly Route<Handler>[]) {
  const patterns = routes.map((route) => ({ route, pattern: toPattern(route.path) }));

  /** @throws Refusal 404 or, with the header Allow, 405. */
  return function find(method: string, path: string): Match<Handler> {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const allowed = new Set<string>();
    for (const { route, pattern } of patterns) {
      const match = pattern.exec(path);
      if (match === null) continue;
      if (route.method === wanted) return { route, params: match.groups ?? {} };
      allowed.add(route.method === 'GET' ? 'GET, HEAD' : route.method);
    }
    if (allowed.size === 0) throw new Refusal(404, (words) => words.noPage);
    throw new Refusal(405, (words) => words.noMethod(method), { allow: [...allowed].join(', ') });
  };
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/:(\w+)/g, '(?<$1>[a-z0-9-]+)')}$`);
}
