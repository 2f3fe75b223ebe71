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
export const ask = async <Answer>(method: Method, path: string, body?: unknown, extra: Extra = {}): Promise<Answer> =>
  (await exchange<Answer>(method, path, body, extra)).answer;

interface Exchange<Answer> {
  readonly answer: Answer;
  /** The Range that asks for what follows of a list; null is its end. */
  readonly nextRange: string | null;
}

const exchange = async <Answer>(
  method: Method,
  path: string,
  body: unknown,
  extra: Extra,
): Promise<Exchange<Answer>> => {
  const response = await fetch(path, {
    method,
    headers: { ...ownHeaders, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...extra.headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(extra.signal === undefined ? {} : { signal: extra.signal }),
  }).catch(unreachable(extra.signal));
  const text = await response.text().catch(unreachable(extra.signal));
  const answer: unknown = parse(text);
  if (response.ok) {
    // The cast: the Platform API's shapes are held by its own tests.
    return { answer: answer as Answer, nextRange: response.headers.get('next-range') };
  }
  throw refusal(response, answer);
};

/** Sends a file to an address that the API gave for it. @throws ApiError as {@link ask} does. */
export const upload = async (path: string, file: Blob): Promise<void> => {
  const response = await fetch(path, {
    method: 'PUT',
    headers: { 'content-type': 'application/gzip' },
    body: file,
  }).catch(unreachable());
  if (!response.ok) throw refusal(response, parse(await response.text().catch(unreachable())));
};

/** What becomes of a connection's failure: an ApiError with status 0, or itself when the request was called off. */
const unreachable = (signal?: AbortSignal) => (error: unknown) => {
  if (signal?.aborted) throw error;
  throw new ApiError(0, 'unreachable', 'Ravine could not be reached.');
};

const refusal = ({ status, statusText }: Response, answer: unknown): ApiError => {
  const { id = 'unknown', message = statusText } = (answer ?? {}) as { id?: string; message?: string };
  return new ApiError(status, id, message);
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A list in the API's order or by a property of it, part by part until it is whole or there are as many as wanted. */
export const list = async <Item>(
  path: string,
  range = '',
  signal?: AbortSignal,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let next: string | null = range === '' ? 'id ..; max=1000' : range;
  while (next !== null && items.length < most) {
    const headers = { range: next };
    const part: Exchange<readonly Item[]> = await exchange('GET', path, undefined, {
      headers,
      ...(signal === undefined ? {} : { signal }),
    });
    items.push(...part.answer);
    next = part.nextRange;
  }
  return items.slice(0, most);
};

/** The path of an address that the API gave, on the host that this page came from. */
export const pathOf = (address: string): string => {
  const { pathname, search } = new URL(address);
  return pathname + search;
};
