import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Somebody who is logged in at a platform over the API, at a hundredth of the CLI's start-up time. */
export class Session {
  readonly #apiUrl: string;
  readonly #email: string;
  readonly #token: string;

  private constructor(apiUrl: string, email: string, token: string) {
    this.#apiUrl = apiUrl;
    this.#email = email;
    this.#token = token;
  }

  /** @param apiUrl without a slash at its end */
  static async open(apiUrl: string, { email, password }: { email: string; password: string }): Promise<Session> {
    const authorization = `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`;
    const { access_token: token } = await ask<{ access_token: { token: string } }>(
      'POST',
      `${apiUrl}/oauth/authorizations`,
      authorization,
    );
    return new Session(apiUrl, email, token.token);
  }

  /** Leaves in a home folder what `heroku login` leaves there, and the same for git, which then need not ask the CLI. */
  async keepIn(home: string): Promise<void> {
    const login = `\n  login ${this.#email}\n  password ${this.#token}\n`;
    const { host, hostname } = new URL(this.#apiUrl);
    await writeFile(join(home, '.netrc'), `machine ${host}${login}machine ${hostname}${login}`, { mode: 0o600 });
    await appendFile(
      join(home, '.gitconfig'),
      `[credential "${this.#apiUrl.replace('http:', 'https:')}"]\n\thelper = !heroku git:credentials\n`,
    );
  }

  configVars(app: string): Promise<Readonly<Record<string, string>>> {
    return ask('GET', `${this.#apiUrl}/apps/${app}/config-vars`, `Bearer ${this.#token}`);
  }
}

const ask = async <Answer>(method: string, url: string, authorization: string): Promise<Answer> => {
  const accept = 'application/vnd.heroku+json; version=3';
  const response = await fetch(url, { method, headers: { accept, authorization } });
  const text = await response.text();
  if (!response.ok) throw new Error(`expected success, but ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer; // the caller names the published shape
};
