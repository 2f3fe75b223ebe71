import { html } from '../html.ts';
import type { LanguageCode } from '../languages/language.ts';
import { page } from '../layout.ts';
import type { Page } from '../visit.ts';

const texts: Readonly<Record<LanguageCode, ReturnType<typeof html>>> = {
  en: html`
  <h1>About this shop</h1>
  <p class="lead">Lantern is a bookshop of one shelf, and an example of how little a web app needs.</p>
  <p>It sells nothing. It shows books, finds them, takes reviews, and knows who you are when you log in. Behind it
    are Node and one PostgreSQL database; the pages work without JavaScript in your browser, in English and in
    Persian. Where the staff have brought no picture, the cover is drawn by the program from the book’s number.</p>
  <h2>What it keeps about you</h2>
  <p>When you sign up: your name, your e-mail address, and your password in a form that can’t be turned back. When
    you log in: one cookie, which is gone when you log out. When you choose a language: a cookie that says which.
    Visitors who only look get no cookie at all.</p>
  <h2>Make it yours</h2>
  <p>The whole shop is meant to be copied. Change the books, change the colours, push it, and it is on line.</p>`,
  fa: html`
  <h1>دربارهٔ این کتاب‌فروشی</h1>
  <p class="lead">فانوس کتاب‌فروشی یک‌قفسه‌ای است، و نمونه‌ای از اینکه یک برنامهٔ وب به چه چیزهای کمی نیاز دارد.</p>
  <p>چیزی نمی‌فروشد. کتاب‌ها را نشان می‌دهد، پیدا می‌کند، نظر می‌گیرد و وقتی وارد شوید شما را می‌شناسد. پشت آن Node
    است و یک پایگاه دادهٔ PostgreSQL؛ صفحه‌ها بدون JavaScript در مرورگر شما کار می‌کنند، به انگلیسی و به فارسی. اگر
    کارکنان تصویری نیاورده باشند، برنامه از روی شمارهٔ کتاب جلدی برایش می‌کشد.</p>
  <h2>چه چیزی از شما نگه می‌دارد</h2>
  <p>هنگام نام‌نویسی: نام، نشانی ایمیل، و گذرواژه به شکلی که بازگرداندنی نیست. هنگام ورود: یک کوکی که با خروج پاک
    می‌شود. هنگام انتخاب زبان: کوکی‌ای که آن را به یاد دارد. کسی که تنها تماشا می‌کند هیچ کوکی‌ای نمی‌گیرد.</p>
  <h2>از آنِ خود کنید</h2>
  <p>این کتاب‌فروشی برای رونوشت برداشتن است. کتاب‌ها و رنگ‌ها را عوض کنید، push کنید، و روی خط است.</p>`,
};

export const aboutPage: Page = (visit) => {
  const { code, words } = visit.language;
  return page(visit, {
    title: words.about,
    main: html`<article class="prose">${texts[code]}
  <p><a class="button" href="/books">${words.toTheShelf}</a></p>
</article>`,
  });
};
