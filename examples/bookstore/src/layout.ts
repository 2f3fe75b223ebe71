import { assets } from './assets.ts';
import { type Html, html } from './html.ts';
import { languages } from './languages/language.ts';
import { htmlReply, type Reply } from './reply.ts';
import type { Glimpse, Visit } from './visit.ts';

export interface Content {
  readonly title: string;
  readonly main: Html;
  readonly status?: number;
  /** What the search box holds. */
  readonly search?: string;
}

/** A whole page around its content; without a session (error pages) it shows nothing personal. */
export function page(visit: Glimpse, content: Content): Reply {
  const { language } = visit;
  const { words } = language;
  return htmlReply(
    content.status ?? 200,
    language,
    html`<html lang="${language.code}" dir="${language.direction}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${content.title} · ${words.shop}</title>
  <link rel="icon" href="${assets.url('favicon.svg')}" type="image/svg+xml">
  <link rel="stylesheet" href="${assets.url('style.css')}">
</head>
<body>
  <a class="skip" href="#main">${words.skip}</a>
  <header class="site-header">
    <div class="wrap">
      <a class="brand" href="/"><img src="${assets.url('favicon.svg')}" alt="" width="32" height="32">${words.brand} <span>${words.brandKind}</span></a>
      <nav aria-label="${words.mainNavigation}">
        ${link(visit, '/books', words.books)}
        ${link(visit, '/about', words.about)}
        ${visit.session?.reader?.staff && link(visit, '/staff', words.staff)}
      </nav>
      <search>
        <form class="search-box" action="/search">
          <label class="unseen" for="site-search">${words.searchLabel}</label>
          <input id="site-search" type="search" name="q" value="${content.search}" maxlength="100" placeholder="${words.searchPlaceholder}">
          <button>${words.search}</button>
        </form>
      </search>
      <nav class="account" aria-label="${words.account}">${account(visit)}</nav>
    </div>
  </header>
  <main id="main" class="wrap">${content.main}</main>
  <footer class="site-footer">
    <div class="wrap">
      <p>${words.footer}</p>
      <p><a href="/about">${words.aboutThisShop}</a></p>
      <nav class="languages" aria-label="${words.otherLanguage}">${languages.map((other) => languageLink(visit, other))}</nav>
    </div>
  </footer>
</body>
</html>`,
  );
}

function account({ session, language: { words }, ...visit }: Glimpse): Html | undefined {
  if (session === undefined) return undefined;
  if (session.reader === undefined)
    return html`${link(visit, '/log-in', words.logIn)} <a class="button small" href="/sign-up">${words.signUp}</a>`;
  return html`<bdi class="hello">${session.reader.name}</bdi>
    <form method="post" action="/log-out">${csrfField({ session })}<button class="plain">${words.logOut}</button></form>`;
}

function link({ path }: Partial<Visit>, to: string, text: string): Html {
  return html`<a href="${to}"${path === to && html` aria-current="page"`}>${text}</a>`;
}

function languageLink({ language, path = '/', query }: Glimpse, { code, name }: Visit['language']): Html {
  if (code === language.code) return html`<b lang="${code}" aria-current="true">${name}</b>`;
  const here = query?.size ? `${path}?${query}` : path;
  return html`<a href="/language/${code}?next=${encodeURIComponent(here)}" lang="${code}" hreflang="${code}">${name}</a>`;
}

/** Belongs into every form that posts. */
export function csrfField({ session }: Pick<Visit, 'session'>): Html {
  return html`<input type="hidden" name="csrf" value="${session.csrfToken()}">`;
}
