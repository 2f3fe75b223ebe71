/** A refusal of the API: what it says is fit for the user's eyes. */
export class ApiError extends Error {
  readonly id: string;
  readonly status: number;

  constructor(status: number, id: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.id = id;
  }
}

/** The cookie authorizes only requests with this header, which pages of other origins can't send. */
export const ownHeaders: Readonly<Record<string, string>> = {
  accept: 'application/vnd.heroku+json; version=3',
  'x-ravine-dashboard': '1',
};

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Extra {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * One request of the Platform API. The type of the answer is the caller's word.
 * @throws ApiError as the API refused, or with status 0 when it could not be reached.
 */
export const ask = async <Answer>(method: Method, path: string, body?: unknown, extra: Extra = {}): Promise<Answer> => {
  const response = await fetch(path, {
    method,
    headers: { ...ownHeaders, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...extra.headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(extra.signal === undefined ? {} : { signal: extra.signal }),
  }).catch((error: unknown) => {
    if (extra.signal?.aborted) throw error;
    throw new ApiError(0, 'unreachable', 'Ravine could not be reached.');
  });
  const text = await response.text();
  const answer: unknown = parse(text);
  if (response.ok) return answer as Answer; // the Platform API's shapes are held by its own tests
  const { id = 'unknown', message = response.statusText } = (answer ?? {}) as { id?: string; message?: string };
  throw new ApiError(response.status, id, message);
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A whole list, at most a thousand, in the API's order or by a property of it. */
export const list = <Item>(path: string, range = '', signal?: AbortSignal): Promise<readonly Item[]> =>
  ask('GET', path, undefined, {
    headers: { range: range === '' ? 'id ..; max=1000' : range },
    ...(signal === undefined ? {} : { signal }),
  });

/** The path of an address that the API gave, on the host that this page came from. */
export const pathOf = (address: string): string => {
  const { pathname, search } = new URL(address);
  return pathname + search;
};
