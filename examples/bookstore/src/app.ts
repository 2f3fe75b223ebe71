import type { IncomingMessage, ServerResponse } from 'node:http';
import { handleStatic } from '@ravine/static';
import { assets } from './assets.ts';
import { isDatabaseAway } from './database.ts';
import { field, readForm } from './form.ts';
import { html } from './html.ts';
import { chooseLanguage } from './languages/language.ts';
import { page } from './layout.ts';
import { Refusal, type Reply, redirect } from './reply.ts';
import { createRouter } from './router.ts';
import { routesOf, type Shop } from './routes.ts';
import { httpsOnly, isOwnMachine, isSecure, secureAddress, securityHeaders } from './security.ts';
import type { Visit } from './visit.ts';

/** The shop as a request listener of node:http; it answers every request and never rejects. */
export function createApp(shop: Shop) {
  const findRoute = createRouter(routesOf(shop));

  return async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const elsewhere = shop.httpsRedirect ? secureAddress(request) : undefined;
    let reply: Reply;
    try {
      if (elsewhere === undefined && handleStatic(assets, request, response)) return;
      reply = elsewhere === undefined ? await answer(request) : { ...redirect(elsewhere), status: 308 };
    } catch (error) {
      reply = errorReply(error, request);
    }
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
    response.writeHead(reply.status, {
      ...securityHeaders,
      ...(shop.httpsRedirect && isSecure(request) && !isOwnMachine(request) && httpsOnly),
      ...reply.headers,
      'content-length': body.length,
    });
    response.end(body);
  };

  async function answer(request: IncomingMessage): Promise<Reply> {
    const { method = 'GET', headers } = request;
    const [path = '/', ...rest] = (request.url ?? '/').split('?');
    const { route, params } = findRoute(method, path);
    const session = await shop.sessions.open(headers.cookie);
    if (route.staff && !session.reader?.staff) {
      if (session.reader || method === 'POST') throw new Refusal(403, (words) => words.onlyStaff);
      return redirect(`/log-in?next=${path}`);
    }
    const form = method === 'POST' ? await readForm(request, route.maxFormBytes) : new FormData();
    if (method === 'POST' && !session.accepts(field(form, 'csrf'))) throw new Refusal(403, (words) => words.oldForm);
    const query = new URLSearchParams(rest.join('?'));
    const language = chooseLanguage(headers);
    const visit: Visit = { path, params, query, form, session, language, secure: isSecure(request) };
    const reply = await route.handler(visit);
    return {
      ...reply,
      headers: {
        'cache-control': session.reader ? 'no-store' : 'private, no-cache',
        ...(session.needsCookie && { 'set-cookie': shop.sessions.cookie(session.id, visit.secure) }),
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
  const language = chooseLanguage(request.headers);
  const { refusals, toTheShelf } = language.words;
  const titles: Readonly<Record<number, string>> = refusals;
  const title = titles[refusal.status] ?? refusals.other;
  const reply = page(
    { language },
    {
      title,
      status: refusal.status,
      main: html`<div class="prose"><h1>${title}</h1><p class="lead">${refusal.say(language.words)}</p><p><a class="button" href="/books">${toTheShelf}</a></p></div>`,
    },
  );
  return { ...reply, headers: { 'cache-control': 'no-store', ...reply.headers, ...refusal.headers } };
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (isDatabaseAway(error)) return new Refusal(503, (words) => words.away, { 'retry-after': '10' });
  return new Refusal(500, (words) => words.fault);
}
