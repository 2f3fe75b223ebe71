import { assetPath } from './assets.ts';
import { type Html, html } from './html.ts';
import { htmlReply, type Reply } from './reply.ts';
import type { Visit } from './visit.ts';

export interface Content {
  readonly title: string;
  readonly main: Html;
  readonly status?: number;
  /** What the search box holds. */
  readonly search?: string;
}

/** A whole page around its content; without a visit (error pages) it shows nothing personal. */
export function page(visit: Visit | undefined, content: Content): Reply {
  return htmlReply(
    content.status ?? 200,
    html`<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${content.title} · Lantern Bookstore</title>
  <link rel="icon" href="${assetPath('favicon.svg')}" type="image/svg+xml">
  <link rel="stylesheet" href="${assetPath('style.css')}">
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  <header class="site-header">
    <div class="wrap">
      <a class="brand" href="/"><img src="${assetPath('favicon.svg')}" alt="" width="32" height="32">Lantern <span>Bookstore</span></a>
      <nav aria-label="Main">
        ${link(visit, '/books', 'Books')}
        ${link(visit, '/about', 'About')}
      </nav>
      <search>
        <form class="search-box" action="/search">
          <label class="unseen" for="site-search">Search by title or author</label>
          <input id="site-search" type="search" name="q" value="${content.search}" maxlength="100" placeholder="Title or author">
          <button>Search</button>
        </form>
      </search>
      <nav class="account" aria-label="Account">${visit ? account(visit) : false}</nav>
    </div>
  </header>
  <main id="main" class="wrap">${content.main}</main>
  <footer class="site-footer">
    <div class="wrap">
      <p>Lantern Bookstore is a demonstration: every book is in the public domain, and no money changes hands.</p>
      <p><a href="/about">About this shop</a></p>
    </div>
  </footer>
</body>
</html>`,
  );
}

function account(visit: Visit): Html {
  const { reader } = visit.session;
  if (reader === undefined)
    return html`${link(visit, '/log-in', 'Log in')} <a class="button small" href="/sign-up">Sign up</a>`;
  return html`<span class="hello">${reader.name}</span>
    <form method="post" action="/log-out">${csrfField(visit)}<button class="plain">Log out</button></form>`;
}

function link(visit: Visit | undefined, path: string, text: string): Html {
  return html`<a href="${path}"${visit?.path === path && html` aria-current="page"`}>${text}</a>`;
}

/** Belongs into every form that posts. */
export function csrfField(visit: Visit): Html {
  return html`<input type="hidden" name="csrf" value="${visit.session.csrfToken()}">`;
}
