import type { Exchange } from './exchange.ts';

const via = '1.1 ravine';

/** Hop-by-hop fields (RFC 9110 section 7.6.1) and those that the router answers or writes itself. */
const neverToDyno = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
  'expect',
  'http2-settings',
  'x-request-id',
  'x-request-start',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-port',
  'via',
]);
const neverToClient = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade']);
/** Never taken out, even when Connection names them. */
const alwaysKept = new Set(['content-length', 'host']);

const namedBy = (connection: string | undefined): ReadonlySet<string> | undefined => {
  if (!connection || /^(keep-alive|close|upgrade)$/i.test(connection)) return undefined;
  return new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
};

/** Passes each field that is not hop-by-hop, in its order and spelling. */
const pass = (
  raw: readonly string[],
  connection: string | undefined,
  never: ReadonlySet<string>,
  to: string[],
  seen: (name: string, value: string) => void,
): void => {
  const named = namedBy(connection);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    const lower = name.toLowerCase();
    seen(lower, value);
    // Servers that write both spellings into one variable would otherwise believe the client's.
    const spelled = lower.includes('_') ? lower.replaceAll('_', '-') : lower;
    if (never.has(spelled)) continue;
    if (named?.has(lower) && !alwaysKept.has(lower)) continue;
    to.push(name, value);
  }
};

/** The head that a dyno gets, as a flat list of names and values. */
export const headersToDyno = (exchange: Exchange): string[] => {
  const { request, secure } = exchange;
  const to: string[] = [];
  let earlierVia = '';
  pass(request.rawHeaders, request.headers.connection, neverToDyno, to, (name, value) => {
    if (name === 'via') earlierVia += `${value}, `;
  });
  to.push(
    'X-Request-Id',
    exchange.requestId,
    'X-Forwarded-For',
    exchange.forwardedFor,
    'X-Forwarded-Proto',
    secure ? 'https' : 'http',
    'X-Forwarded-Port',
    String(request.socket.localPort ?? (secure ? 443 : 80)),
    'X-Request-Start',
    String(exchange.startedAtMs),
    'Via',
    earlierVia + via,
  );
  if (exchange.upgrade) to.push('Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? '');
  else if (request.headers['transfer-encoding'] !== undefined) to.push('Transfer-Encoding', 'chunked');
  else if (request.headers['content-length'] === undefined && request.method !== 'GET' && request.method !== 'HEAD') {
    // Without it an empty body would be announced as chunked.
    to.push('Content-Length', '0');
  }
  return to;
};

/** The head that a client gets, as a flat list of names and values. */
export const headersToClient = (raw: readonly string[], connection: string | undefined, close: boolean): string[] => {
  const to: string[] = [];
  let server = false;
  let earlierVia = '';
  pass(raw, connection, neverToClient, to, (name, value) => {
    if (name === 'server') server = true;
    else if (name === 'via') earlierVia += `${value}, `;
  });
  if (earlierVia) {
    for (let i = to.length - 2; i >= 0; i -= 2) if (to[i]?.toLowerCase() === 'via') to.splice(i, 2);
  }
  to.push('Via', earlierVia + via);
  if (!server) to.push('Server', 'ravine');
  if (close) to.push('Connection', 'close');
  return to;
};
