import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { type Html, html, Html as Markup } from './html.ts';
import type { LoginWords } from './login-words.data.ts';

let style: { readonly text: string; readonly hash: string } | undefined;

const pageStyle = (): { readonly text: string; readonly hash: string } => {
  if (style === undefined) {
    const text = readFileSync(new URL('./login-page.css', import.meta.url), 'utf8');
    style = { text, hash: createHash('sha256').update(text).digest('base64') };
  }
  return style;
};

/** What the page says. */
export type LoginView =
  | {
      readonly kind: 'form';
      readonly description: string;
      readonly email: string;
      readonly problem: string | undefined;
      /** The account has a second factor. */
      readonly asksCode: boolean;
    }
  /** Somebody is signed in to the dashboard in this browser. */
  | { readonly kind: 'known'; readonly description: string; readonly email: string; readonly id: string }
  | { readonly kind: 'done'; readonly email: string }
  | { readonly kind: 'denied' }
  | { readonly kind: 'gone' };

/** Answers with the page; no script runs on it, nothing of it is kept, and nobody may frame it. */
export const sendLoginPage = (res: ServerResponse, status: number, view: LoginView, words: LoginWords): void => {
  const { text, hash } = pageStyle();
  const body = `<!doctype html>\n${page(text, view, words).text}\n`;
  res.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    'content-language': words.language,
    vary: 'accept-language, cookie, sec-fetch-site',
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
  });
  res.end(body);
};

const page = (
  css: string,
  view: LoginView,
  words: LoginWords,
): Html => html`<html lang="${words.language}" dir="${words.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${words.titles[view.kind]} · Ravine</title>
<style>${new Markup(css)}</style>
</head>
<body>
<main>
<p class="brand">${mark}Ravine</p>
${content(view, words)}
</main>
</body>
</html>`;

const mark = html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><path d="M2 6h9l5 13 5-13h9L19 28h-6z"/></svg>`;

const content = (view: LoginView, words: LoginWords): Html => {
  switch (view.kind) {
    case 'form':
      return form(view, words);
    case 'known':
      return known(view, words);
    case 'done':
      return html`<h1>${words.titles.done}</h1>
<p>${words.done(html`<strong><bdi>${view.email}</bdi></strong>`)}</p>`;
    case 'denied':
      return html`<h1>${words.titles.denied}</h1>
<p>${words.denied}</p>`;
    case 'gone':
      return html`<h1>${words.goneHeading}</h1>
<p>${words.gone}</p>`;
  }
};

const codeField = (words: LoginWords): Html => html`<label for="second-factor">${words.code}</label>
<input id="second-factor" name="second_factor" dir="ltr" autocomplete="one-time-code" autocapitalize="off" spellcheck="false" required>`;

const form = (view: LoginView & { kind: 'form' }, words: LoginWords): Html => html`<h1>${words.titles.form}</h1>
<p class="asker"><bdi>${view.description}</bdi></p>
${view.problem === undefined ? '' : html`<p class="problem" role="alert"><bdi lang="en">${view.problem}</bdi></p>`}
<form method="post" autocomplete="on">
<label for="email">${words.email}</label>
<input id="email" name="email" type="email" dir="ltr" autocomplete="username" required value="${view.email}"${view.email === '' ? new Markup(' autofocus') : ''}>
<label for="password">${words.password}</label>
<input id="password" name="password" type="password" dir="ltr" autocomplete="current-password" required${view.email === '' ? '' : new Markup(' autofocus')}>
${view.asksCode ? codeField(words) : ''}
<button name="decision" value="grant">${words.grant}</button>
<button class="quiet" name="decision" value="deny" formnovalidate>${words.deny}</button>
</form>
<p class="note">${words.note}</p>`;

const known = (view: LoginView & { kind: 'known' }, words: LoginWords): Html => html`<h1>${words.titles.known}</h1>
<p class="asker"><bdi>${view.description}</bdi></p>
<p>${words.known(html`<strong><bdi>${view.email}</bdi></strong>`)}</p>
<form method="post">
<input type="hidden" name="account" value="${view.id}">
<button name="decision" value="confirm">${words.grant}</button>
<button class="quiet" name="decision" value="deny">${words.deny}</button>
</form>
<p><a href="?another=1">${words.another}</a></p>
<p class="note">${words.note}</p>`;
