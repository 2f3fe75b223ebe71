/** Which lines are wanted; it is the query of the page's address, and of the API. */
export interface LogFilter {
  readonly query: string;
  readonly requestId: string;
  readonly source: string;
  readonly dyno: string;
  readonly level: string;
}

const parameters = {
  query: 'query',
  requestId: 'request_id',
  source: 'source',
  dyno: 'dyno',
  level: 'level',
} as const satisfies Readonly<Record<keyof LogFilter, string>>;

/** The filter of an address: `?dyno=web.1&level=error`. */
export const readFilter = (search: string): LogFilter => {
  const given = new URLSearchParams(search);
  const read = (name: keyof LogFilter): string => given.get(parameters[name]) ?? '';
  const requestId = read('requestId');
  return {
    // The API looks for one of the two.
    query: requestId === '' ? read('query') : '',
    requestId,
    source: read('source'),
    dyno: read('dyno'),
    level: read('level'),
  };
};

/** The filter as a query, without the `?`; what is not asked for is left out. */
export const writeFilter = (filter: LogFilter): string => {
  const query = new URLSearchParams();
  for (const name of Object.keys(parameters) as (keyof LogFilter)[]) // `as`: its keys are those of the table
    if (filter[name] !== '') query.set(parameters[name], filter[name]);
  return query.toString();
};

export const isEmpty = (filter: LogFilter): boolean => Object.values(filter).every((value) => value === '');

/** The id of the request that a line of the router is about. */
export const requestIdOf = (text: string): string | undefined => /\brequest_id=([\w-]+)/.exec(text)?.[1];
