export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, loosely: a test names what it reads. */
  readonly body: Record<string, unknown> & { readonly [index: number]: Record<string, unknown> };
  readonly list: readonly Record<string, unknown>[];
  readonly text: string;
}

export type ApiClient = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<ApiAnswer>;

/** Speaks to an API with somebody's token, or as nobody. */
export const apiClient =
  (url: string, token?: string): ApiClient =>
  async (method, path, body, headers = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.heroku+json; version=3',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true && text !== '';
    const parsed: unknown = isJson ? JSON.parse(text) : {};
    return {
      status: answer.status,
      headers: answer.headers,
      body: parsed as ApiAnswer['body'], // a test asserts what it reads of it
      list: Array.isArray(parsed) ? parsed : [],
      text,
    };
  };
