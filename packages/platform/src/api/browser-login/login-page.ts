import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { type Html, html, Html as Markup } from './html.ts';

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
  | { readonly kind: 'done'; readonly email: string }
  | { readonly kind: 'denied' }
  | { readonly kind: 'gone' };

/** Answers with the page; no script runs on it, nothing of it is kept, and nobody may frame it. */
export const sendLoginPage = (res: ServerResponse, status: number, view: LoginView): void => {
  const { text, hash } = pageStyle();
  const body = `<!doctype html>\n${page(text, view).text}\n`;
  res.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
  });
  res.end(body);
};

const page = (css: string, view: LoginView): Html => html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${titles[view.kind]} · Ravine</title>
<style>${new Markup(css)}</style>
</head>
<body>
<main>
<p class="brand">${mark}Ravine</p>
${content(view)}
</main>
</body>
</html>`;

const titles: Readonly<Record<LoginView['kind'], string>> = {
  form: 'Log in to the CLI',
  done: 'Logged in',
  denied: 'Login refused',
  gone: 'Login expired',
};

const mark = html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><path d="M2 6h9l5 13 5-13h9L19 28h-6z"/></svg>`;

const content = (view: LoginView): Html => {
  switch (view.kind) {
    case 'form':
      return form(view);
    case 'done':
      return html`<h1>You are logged in</h1>
<p>The command line is now logged in as <strong>${view.email}</strong>. You can close this page and go back to your terminal.</p>`;
    case 'denied':
      return html`<h1>Login refused</h1>
<p>The command line was not logged in. You can close this page.</p>`;
    case 'gone':
      return html`<h1>This login is over</h1>
<p>It was used, refused, or waited for more than ten minutes. Run <code>heroku login</code> again for another one.</p>`;
  }
};

const codeField = html`<label for="second-factor">Code of your authenticator, or a recovery code</label>
<input id="second-factor" name="second_factor" autocomplete="one-time-code" autocapitalize="off" spellcheck="false" required>`;

const form = (view: LoginView & { kind: 'form' }): Html => html`<h1>Log in to the CLI</h1>
<p class="asker">${view.description}</p>
${view.problem === undefined ? '' : html`<p class="problem" role="alert">${view.problem}</p>`}
<form method="post" autocomplete="on">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" required value="${view.email}"${view.email === '' ? new Markup(' autofocus') : ''}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${view.email === '' ? '' : new Markup(' autofocus')}>
${view.asksCode ? codeField : ''}
<button name="decision" value="grant">Log in to the CLI</button>
<button class="quiet" name="decision" value="deny" formnovalidate>This wasn't me</button>
</form>
<p class="note">Go on only if you have just run <code>heroku login</code> yourself. It gives that terminal access to your account for 30 days.</p>`;
