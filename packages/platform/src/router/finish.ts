import type { RouterLine } from '../domain/route-snapshot.ts';
import { framedPage, textPage } from './error-page.ts';
import type { Exchange } from './exchange.ts';
import { releaseLoad } from './limit-load.ts';
import { logText } from './log-text.ts';
import { type RouterCode, type RouterCodeName, routerCodes } from './router-codes.data.ts';
import type { Verdict } from './verdict.ts';

const html = 'text/html; charset=utf-8';
const noSuchApp = textPage('No such app', 'There is no application at this address. Check its name and try again.');

const pageFor = (exchange: Exchange, code: RouterCodeName): string => {
  const { page }: RouterCode = routerCodes[code];
  const url = code === 'H80' ? exchange.app?.maintenancePageUrl : exchange.app?.errorPageUrl;
  return url ? framedPage(page.title, url) : textPage(page.title, page.text);
};

/** The client is gone, or has part of an answer that will never be whole: only an abort tells it so. */
const isBeyondWords = (exchange: Exchange, code: RouterCodeName): boolean =>
  exchange.clientGone || exchange.status !== undefined || code === 'H27' || code === 'H28' || code === 'H24';

const tellVisitor = (exchange: Exchange, verdict: Verdict): void => {
  const { visitor } = exchange;
  switch (verdict.kind) {
    case 'nowhere':
      visitor.page(exchange.failureStatus ?? 404, html, noSuchApp);
      break;
    case 'challenge':
      visitor.page(200, 'application/octet-stream', verdict.text);
      break;
    case 'failed':
      if (exchange.status === 101) break;
      if (isBeyondWords(exchange, verdict.code)) {
        visitor.abort();
        return;
      }
      visitor.page(exchange.failureStatus ?? routerCodes[verdict.code].status, html, pageFor(exchange, verdict.code));
      break;
    default:
      break;
  }
  if (exchange.status === 101) visitor.end();
  else visitor.next();
};

/** Ends an exchange by its verdict: sends the page that is due and hands its line to the app's log. */
export const finish = (exchange: Exchange, verdict: Verdict, onLine: (line: RouterLine) => void): void => {
  const { app } = exchange;
  const nowMs = Date.now();
  if (exchange.connectMs !== undefined) {
    exchange.serviceMs = Math.max(0, nowMs - exchange.startedAtMs - exchange.connectMs);
  }
  releaseLoad(exchange);
  // The line first: telling the visitor may begin its next request.
  if (app && verdict.kind !== 'nowhere') onLine({ appId: app.id, atMs: nowMs, text: logText(exchange, verdict) });
  tellVisitor(exchange, verdict);
};
