import { spawn } from 'node:child_process';
import type { Machine } from './machine.ts';
import type { Account } from './platform.ts';
import { type Pushed, PushUnderWay } from './push-under-way.ts';

/** The part of a Platform API answer that tests look at. */
export type Json = Readonly<Record<string, unknown>>;

/** A member who uses the API and git without the CLI's start-up time; for tests and benchmarks that count milliseconds. */
export class Member {
  readonly machine: Machine;
  readonly #token: string;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(machine: Machine, token: string, environment: Readonly<Record<string, string>>) {
    this.machine = machine;
    this.#token = token;
    this.#environment = environment;
  }

  /** Logs in, with the first account's password unless told another's. */
  static async logIn(machine: Machine, { email, password }: Account = machine): Promise<Member> {
    const basic = Buffer.from(`${email}:${password}`).toString('base64');
    const response = await request(machine, 'POST', '/oauth/authorizations', `Basic ${basic}`, {});
    const { access_token: token } = await answerOf<{ access_token: { token: string } }>(response);
    return new Member(machine, token.token, await machine.clientEnvironment());
  }

  /** One request, answered with whatever status. */
  ask(method: string, path: string, body?: Json): Promise<Response> {
    return request(this.machine, method, path, `Bearer ${this.#token}`, body);
  }

  /** @throws Error when the answer is no success. The type of the answer is the caller's word. */
  async call<Answer>(method: string, path: string, body?: Json): Promise<Answer> {
    return answerOf<Answer>(await this.ask(method, path, body));
  }

  /** `git push` of the folder's HEAD to the app's main; the token travels by environment. */
  push(app: string, folder: string, onOutput: (soFar: string) => void = () => {}): Promise<Pushed> {
    return this.startPush(app, folder, onOutput).ended;
  }

  /** The same, to be waited for or interrupted. */
  startPush(app: string, folder: string, onOutput: (soFar: string) => void = () => {}): PushUnderWay {
    const child = spawn('git', ['push', `${this.#gitUrl}${app}.git`, 'HEAD:refs/heads/main'], {
      cwd: folder,
      env: this.#gitEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    return new PushUnderWay(child, onOutput);
  }

  get #gitUrl(): string {
    return `https://localhost:${this.machine.apiPort}/`;
  }

  #gitEnv(): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = { ...process.env, ...this.#environment };
    delete env.GIT_SSL_CAINFO; // `ravine env` moves it to GIT_CONFIG_*, for it would win over those
    const count = Number(env.GIT_CONFIG_COUNT ?? 0);
    env[`GIT_CONFIG_KEY_${count}`] = `http.${this.#gitUrl}.extraHeader`;
    env[`GIT_CONFIG_VALUE_${count}`] =
      `Authorization: Basic ${Buffer.from(`member:${this.#token}`).toString('base64')}`;
    env.GIT_CONFIG_COUNT = String(count + 1);
    return env;
  }
}

const request = (
  machine: Machine,
  method: string,
  path: string,
  authorization: string,
  body: Json | undefined,
): Promise<Response> =>
  fetch(`http://localhost:${machine.apiPort}${path}`, {
    method,
    headers: { accept: 'application/vnd.heroku+json; version=3', 'content-type': 'application/json', authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const answerOf = async <Answer>(response: Response): Promise<Answer> => {
  const text = await response.text();
  if (!response.ok) throw new Error(`expected success, but ${response.url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer; // the caller names the published shape
};
