import type { IncomingMessage, ServerResponse } from 'node:http';
import { assetAt } from './assets.ts';
import { isDatabaseAway } from './database.ts';
import { field, readForm } from './form.ts';
import { html } from './html.ts';
import { page } from './layout.ts';
import { Refusal, type Reply } from './reply.ts';
import { createRouter } from './router.ts';
import { routesOf, type Shop } from './routes.ts';

/** Sent with every answer. Pages have no scripts and no inline styles, so the policy can forbid both. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** The shop as a request listener of node:http; it answers every request and never rejects. */
export function createApp(shop: Shop) {
  const findRoute = createRouter(routesOf(shop));

  return async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let reply: Reply;
    try {
      reply = await answer(request);
    } catch (error) {
      reply = errorReply(error, request);
    }
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
    response.writeHead(reply.status, { ...securityHeaders, ...reply.headers, 'content-length': body.length });
    response.end(body);
  };

  async function answer(request: IncomingMessage): Promise<Reply> {
    const { method = 'GET', headers } = request;
    const [path = '/', ...rest] = (request.url ?? '/').split('?');
    if (path.startsWith('/assets/') && (method === 'GET' || method === 'HEAD')) return assetAt(path);

    const { handler, params } = findRoute(method, path);
    const form = method === 'POST' ? await readForm(request) : new URLSearchParams();
    const session = await shop.sessions.open(headers.cookie);
    if (method === 'POST' && !session.accepts(field(form, 'csrf'))) {
      throw new Refusal(
        403,
        'This form is too old, or your browser sent no cookie with it. Go back, reload the page, and send it again.',
      );
    }
    const secure = headers['x-forwarded-proto'] === 'https';
    const reply = await handler({ path, params, query: new URLSearchParams(rest.join('?')), form, session, secure });
    return {
      ...reply,
      headers: {
        'cache-control': session.reader ? 'no-store' : 'private, no-cache',
        ...(session.needsCookie && { 'set-cookie': shop.sessions.cookie(session.id, secure) }),
        ...reply.headers,
      },
    };
  }
}

function errorReply(error: unknown, request: IncomingMessage): Reply {
  const refusal = toRefusal(error);
  // A browser that went away mid-request is no fault of the shop.
  if (refusal.status >= 500 && !request.errored)
    console.error(`request_id=${request.headers['x-request-id'] ?? '-'}`, error);
  const title =
    { 403: 'Not this time', 404: 'Not on our shelves', 503: 'Closed for a moment' }[refusal.status] ??
    'Something went wrong';
  const reply = page(undefined, {
    title,
    status: refusal.status,
    main: html`<div class="prose"><h1>${title}</h1><p class="lead">${refusal.message}</p><p><a class="button" href="/books">To the shelf</a></p></div>`,
  });
  return { ...reply, headers: { 'cache-control': 'no-store', ...reply.headers, ...refusal.headers } };
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (isDatabaseAway(error))
    return new Refusal(503, 'The shop can’t reach its database. Try again in a minute.', { 'retry-after': '10' });
  return new Refusal(500, 'The fault is ours, and it has been written down. Try again, or take another book.');
}
