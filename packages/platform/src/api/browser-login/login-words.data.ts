import { type Html, html } from './html.ts';

/** What the login page says, in one language. */
export interface LoginWords {
  readonly language: 'en' | 'fa';
  readonly direction: 'ltr' | 'rtl';
  readonly titles: Readonly<Record<'form' | 'known' | 'done' | 'denied' | 'gone', string>>;
  readonly known: (email: Html) => Html;
  readonly another: string;
  readonly done: (email: Html) => Html;
  readonly denied: string;
  readonly goneHeading: string;
  readonly gone: Html;
  readonly email: string;
  readonly password: string;
  readonly code: string;
  readonly grant: string;
  readonly deny: string;
  readonly note: Html;
}

const english: LoginWords = {
  language: 'en',
  direction: 'ltr',
  titles: {
    form: 'Log in to the CLI',
    known: 'Log in to the CLI',
    done: 'You are logged in',
    denied: 'Login refused',
    gone: 'Login expired',
  },
  known: (email) => html`This browser is signed in as ${email}.`,
  another: 'Use another account',
  done: (email) =>
    html`The command line is now logged in as ${email}. You can close this page and go back to your terminal.`,
  denied: 'The command line was not logged in. You can close this page.',
  goneHeading: 'This login is over',
  gone: html`It was used, refused, or waited for more than ten minutes. Run <code>heroku login</code> again for another one.`,
  email: 'E-mail',
  password: 'Password',
  code: 'Code of your authenticator, or a recovery code',
  grant: 'Log in to the CLI',
  deny: "This wasn't me",
  note: html`Go on only if you have just run <code>heroku login</code> yourself. It gives that terminal access to your account for 30 days.`,
};

const persian: LoginWords = {
  language: 'fa',
  direction: 'rtl',
  titles: {
    form: 'ورود به خط فرمان',
    known: 'ورود به خط فرمان',
    done: 'وارد شدید',
    denied: 'ورود رد شد',
    gone: 'مهلت ورود گذشت',
  },
  known: (email) => html`این مرورگر با حساب ${email} وارد شده است.`,
  another: 'با حسابی دیگر',
  done: (email) => html`خط فرمان اکنون با حساب ${email} وارد شده است. می‌توانید این صفحه را ببندید و به پایانه برگردید.`,
  denied: 'خط فرمان وارد نشد. می‌توانید این صفحه را ببندید.',
  goneHeading: 'این ورود پایان یافته است',
  gone: html`استفاده شده، رد شده، یا بیش از ده دقیقه منتظر مانده است. برای ورودی تازه دوباره <code>heroku login</code> را اجرا کنید.`,
  email: 'رایانامه',
  password: 'گذرواژه',
  code: 'کد برنامهٔ احراز هویت، یا کد بازیابی',
  grant: 'ورود به خط فرمان',
  deny: 'کار من نبود',
  note: html`تنها اگر همین حالا خودتان <code>heroku login</code> را اجرا کرده‌اید ادامه دهید. این کار به آن پایانه ۳۰ روز دسترسی به حساب شما می‌دهد.`,
};

/** The words for languages that are wanted in this order, as a browser says it (RFC 9110 section 12.5.4). */
export const loginWords = (wanted: string | undefined): LoginWords => {
  const known = /(?:^|[,\s])(en|fa)\b/i.exec(wanted ?? '')?.[1];
  return known?.toLowerCase() === 'fa' ? persian : english;
};
