import { field, rawField } from '../form.ts';
import { type Html, html } from '../html.ts';
import type { Words } from '../languages/english.ts';
import { csrfField, page } from '../layout.ts';
import { localPath } from '../local-path.ts';
import type { Readers } from '../readers.ts';
import { redirect } from '../reply.ts';
import type { Sessions } from '../sessions.ts';
import type { Page, Visit } from '../visit.ts';

export const signUpPage: Page = (visit) => showSignUp(visit);
export const logInPage: Page = (visit) => showLogIn(visit);

export function signUp(readers: Readers, sessions: Sessions): Page {
  return async (visit) => {
    const { form, language } = visit;
    const [name, email, password] = [field(form, 'name'), field(form, 'email'), rawField(form, 'password')];
    const error = faultOf(language.words, name, email, password);
    if (error !== undefined) return showSignUp(visit, error);
    const reader = await readers.signUp(name, email, password);
    if (reader === undefined) return showSignUp(visit, language.words.emailTaken);
    return enter(visit, sessions, await sessions.logIn(reader));
  };
}

export function logIn(readers: Readers, sessions: Sessions): Page {
  return async (visit) => {
    const password = rawField(visit.form, 'password').slice(0, maxPasswordLength);
    const reader = await readers.recognize(field(visit.form, 'email'), password);
    if (reader === undefined) return showLogIn(visit, visit.language.words.wrongPassword);
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
  return redirect(localPath(rawField(visit.form, 'next')), { 'set-cookie': sessions.cookie(sessionId, visit.secure) });
}

const maxPasswordLength = 200;

function faultOf(words: Words, name: string, email: string, password: string): string | undefined {
  if (name === '' || name.length > 80 || name.includes('\n')) return words.badName;
  if (email.length > 200 || !/^[^\s@]+@[^\s@]+$/.test(email)) return words.badEmail;
  if (password.length < 10 || password.length > maxPasswordLength) return words.badPassword;
  return undefined;
}

function showSignUp(visit: Visit, error?: string) {
  const { words } = visit.language;
  return showForm(
    visit,
    { title: words.signUp, action: '/sign-up', error },
    html`
  ${input(visit, 'name', words.name, 'text', 'name')}
  ${input(visit, 'email', words.email, 'email', 'email')}
  ${input(visit, 'password', words.password, 'password', 'new-password', words.passwordHint)}
  <button class="button">${words.signUp}</button>
  <p class="by">${words.haveAccount} <a href="/log-in">${words.logIn}</a></p>`,
  );
}

function showLogIn(visit: Visit, error?: string) {
  const { words } = visit.language;
  return showForm(
    visit,
    { title: words.logIn, action: '/log-in', error },
    html`
  ${input(visit, 'email', words.email, 'email', 'email')}
  ${input(visit, 'password', words.password, 'password', 'current-password')}
  <button class="button">${words.logIn}</button>
  <p class="by">${words.noAccount} <a href="/sign-up">${words.signUp}</a></p>`,
  );
}

function showForm(visit: Visit, form: { title: string; action: string; error: string | undefined }, fields: Html) {
  const next = localPath(rawField(visit.form, 'next') || visit.query.get('next'));
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
  const direction = type === 'text' ? 'auto' : 'ltr';
  return html`<label for="${name}">${label}</label>
  <input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" dir="${direction}" maxlength="200" required${hint !== undefined && html` aria-describedby="${name}-hint"`}>
  ${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}`;
}
