import { field } from '../form.ts';
import { type Html, html } from '../html.ts';
import { csrfField, page } from '../layout.ts';
import type { Readers } from '../readers.ts';
import { redirect } from '../reply.ts';
import type { Sessions } from '../sessions.ts';
import type { Page, Visit } from '../visit.ts';

export const signUpPage: Page = (visit) => showSignUp(visit);
export const logInPage: Page = (visit) => showLogIn(visit);

export function signUp(readers: Readers, sessions: Sessions): Page {
  return async (visit) => {
    const [name, email, password] = [
      field(visit.form, 'name'),
      field(visit.form, 'email'),
      visit.form.get('password') ?? '',
    ];
    const error = faultOf(name, email, password);
    if (error !== undefined) return showSignUp(visit, error);
    const reader = await readers.signUp(name, email, password);
    if (reader === undefined) return showSignUp(visit, 'This e-mail address has an account already. Log in instead.');
    return enter(visit, sessions, await sessions.logIn(reader));
  };
}

export function logIn(readers: Readers, sessions: Sessions): Page {
  return async (visit) => {
    const reader = await readers.recognize(
      field(visit.form, 'email'),
      (visit.form.get('password') ?? '').slice(0, maxPasswordLength),
    );
    if (reader === undefined)
      return showLogIn(visit, 'This e-mail address and password don’t belong together. Check both.');
    return enter(visit, sessions, await sessions.logIn(reader));
  };
}

export function logOut(sessions: Sessions): Page {
  return async (visit) => {
    await sessions.logOut(visit.session);
    return redirect('/', { 'set-cookie': sessions.cookie(undefined, visit.secure) });
  };
}

function enter(visit: Visit, sessions: Sessions, sessionId: string) {
  return redirect(localPath(visit.form.get('next')), { 'set-cookie': sessions.cookie(sessionId, visit.secure) });
}

/** A path on this site; anything that could lead elsewhere becomes the home page. */
export function localPath(wanted: string | null): string {
  return wanted !== null && /^\/(?![/\\])[\w\-./?=&%#]*$/.test(wanted) ? wanted : '/';
}

const maxPasswordLength = 200;

function faultOf(name: string, email: string, password: string): string | undefined {
  if (name === '' || name.length > 80 || name.includes('\n')) return 'Give a name of one to 80 characters.';
  if (email.length > 200 || !/^[^\s@]+@[^\s@]+$/.test(email)) return 'Give an e-mail address such as ada@example.com.';
  if (password.length < 10 || password.length > maxPasswordLength)
    return 'Give a password of at least 10 characters; four words make a good one.';
  return undefined;
}

function showSignUp(visit: Visit, error?: string) {
  return showForm(
    visit,
    { title: 'Sign up', action: '/sign-up', error },
    html`
  ${input(visit, 'name', 'Name', 'text', 'name')}
  ${input(visit, 'email', 'E-mail address', 'email', 'email')}
  ${input(visit, 'password', 'Password', 'password', 'new-password', 'At least 10 characters; four words make a good one.')}
  <button class="button">Sign up</button>
  <p class="by">You have an account? <a href="/log-in">Log in</a>.</p>`,
  );
}

function showLogIn(visit: Visit, error?: string) {
  return showForm(
    visit,
    { title: 'Log in', action: '/log-in', error },
    html`
  ${input(visit, 'email', 'E-mail address', 'email', 'email')}
  ${input(visit, 'password', 'Password', 'password', 'current-password')}
  <button class="button">Log in</button>
  <p class="by">No account yet? <a href="/sign-up">Sign up</a>.</p>`,
  );
}

function showForm(visit: Visit, form: { title: string; action: string; error: string | undefined }, fields: Html) {
  const next = localPath(visit.form.get('next') ?? visit.query.get('next'));
  return page(visit, {
    title: form.title,
    status: form.error === undefined ? 200 : 422,
    main: html`<form class="panel narrow" method="post" action="${form.action}">
  <h1>${form.title}</h1>
  ${form.error !== undefined && html`<p class="error" role="alert">${form.error}</p>`}
  ${csrfField(visit)}
  ${next !== '/' && html`<input type="hidden" name="next" value="${next}">`}
  ${fields}
</form>`,
  });
}

function input(visit: Visit, name: string, label: string, type: string, autocomplete: string, hint?: string): Html {
  const value = type === 'password' ? undefined : field(visit.form, name);
  return html`<label for="${name}">${label}</label>
  <input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" maxlength="200" required${hint !== undefined && html` aria-describedby="${name}-hint"`}>
  ${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}`;
}
