import { languageCookie, languages } from '../languages/language.ts';
import { localPath } from '../local-path.ts';
import { Refusal, redirect } from '../reply.ts';
import type { Page } from '../visit.ts';

/** Keeps the visitor's choice in a cookie and goes back to where they were. */
export const changeLanguage: Page = (visit) => {
  const chosen = languages.find(({ code }) => code === visit.params.code);
  if (chosen === undefined) throw new Refusal(404, (words) => words.noPage);
  return redirect(localPath(visit.query.get('next')), { 'set-cookie': languageCookie(chosen.code, visit.secure) });
};
