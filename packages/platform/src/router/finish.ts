import type { RouterLine } from '../domain/route-snapshot.ts';
import { framedPage, textPage } from './error-page.ts';
import type { Exchange, Verdict } from './exchange.ts';
import { logText } from './log-text.ts';
import { type RouterCode, type RouterCodeName, routerCodes } from './router-codes.data.ts';

/** How long the rest of an upload may still come after its answer, so that the client gets to read that answer. */
const restOfUploadMs = 2_000;

const noSuchApp = textPage('No such app', 'There is no application at this address. Check its name and try again.');

const pageFor = (exchange: Exchange, code: RouterCodeName): string => {
  const { page }: RouterCode = routerCodes[code];
  const url = code === 'H80' ? exchange.app?.maintenancePageUrl : exchange.app?.errorPageUrl;
  return url ? framedPage(page.title, url) : textPage(page.title, page.text);
};

const sendPage = (exchange: Exchange, status: number, page: string, close: boolean): void => {
  const { request, response } = exchange;
  const headers: Record<string, string | number> = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(page),
    'Cache-Control': 'no-cache, no-store',
    Server: 'ravine',
  };
  if (close || exchange.upgrade) headers.Connection = 'close';
  response.writeHead(status, headers);
  response.end(request.method === 'HEAD' ? undefined : page);
};

/** The client is gone, or has part of an answer that will never be whole: only an abort tells it so. */
const isBeyondWords = (exchange: Exchange, code: RouterCodeName): boolean =>
  exchange.clientGone || exchange.response.headersSent || code === 'H27' || code === 'H28';

const drainUpload = ({ request }: Exchange): void => {
  if (request.readableEnded || request.destroyed) return;
  request.resume();
  if (request.complete) return;
  const timer = setTimeout(() => request.destroy(), restOfUploadMs);
  request.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
};

/** Ends an exchange by its verdict: sends the page that is due and hands its line to the app's log. */
export const finish = (
  exchange: Exchange,
  verdict: Verdict,
  closing: boolean,
  onLine: (line: RouterLine) => void,
): void => {
  const { app, response, upgrade } = exchange;
  if (exchange.connectMs !== undefined) {
    exchange.serviceMs = Math.max(0, Date.now() - exchange.startedAtMs - exchange.connectMs);
  }
  if (verdict.kind === 'nowhere') sendPage(exchange, 404, noSuchApp, closing);
  else if (verdict.kind === 'failed' && exchange.status !== 101) {
    if (isBeyondWords(exchange, verdict.code)) (upgrade?.socket ?? response).destroy();
    else
      sendPage(
        exchange,
        exchange.failureStatus ?? routerCodes[verdict.code].status,
        pageFor(exchange, verdict.code),
        closing,
      );
  }
  drainUpload(exchange);
  if (app && verdict.kind !== 'nowhere') {
    onLine({ appId: app.id, atMs: Date.now(), text: logText(exchange, verdict) });
  }
};
