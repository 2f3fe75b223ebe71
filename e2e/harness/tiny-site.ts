import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Load, type LoadReport } from './load.ts';
import type { LoadOptions } from './load-messages.ts';
import { Machine } from './machine.ts';
import { Member } from './member.ts';
import { TinyApp } from './tiny-app.ts';

/** What the tiny app says of itself. */
export interface Answer {
  readonly version: string;
  readonly dyno: string;
  /** In a container: the first twelve hex digits of its id, as a number. */
  readonly pid: number;
}

export interface SiteOptions {
  readonly dynos: number;
  readonly chatty?: boolean;
  /** DOCKER_HOST; on it the app is of the container stack. */
  readonly engine?: string;
  /** As for a machine. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly disk?: string;
}

const lookEveryMs = 10;
const visitsToSeeAll = 40;

/** Ravine on a machine, and the tiny app live on it under the name `tiny`. */
export class TinySite implements AsyncDisposable {
  readonly name = 'tiny';
  readonly machine: Machine;
  readonly member: Member;
  readonly app: TinyApp;

  private constructor(machine: Machine, member: Member, app: TinyApp) {
    this.machine = machine;
    this.member = member;
    this.app = app;
  }

  static async open({ dynos, chatty = false, engine, settings, disk }: SiteOptions): Promise<TinySite> {
    await using stack = new AsyncDisposableStack();
    const onEngine = engine === undefined ? {} : { DOCKER_HOST: engine, RAVINE_ENGINE: 'auto' };
    const machine = stack.use(await Machine.make({ ...onEngine, ...settings }, disk));
    await machine.start();
    const member = await Member.logIn(machine);
    const appStack = engine === undefined ? 'heroku-24' : 'container';
    const app = await TinyApp.make(join(machine.dataFolder, 'tiny-source'), appStack);
    const site = new TinySite(machine, member, app);
    await member.call('POST', '/apps', { name: site.name, stack: appStack });
    if (chatty) await member.call('PATCH', `/apps/${site.name}/config-vars`, { CHATTY: '1' });
    await site.push();
    await site.scale(dynos);
    await site.dynos(dynos);
    stack.move();
    return site;
  }

  /** Pushes what is committed. @throws Error with what git said when the push is refused. */
  async push(): Promise<void> {
    const { status, output } = await this.member.push(this.name, this.app.folder);
    if (status !== 0)
      throw new Error(`git push ended with status ${status}:\n${output}\n${await this.machine.lastWords()}`);
  }

  async scale(web: number): Promise<void> {
    await this.member.call('PATCH', `/apps/${this.name}/formation/web`, { quantity: web });
  }

  async visit(): Promise<Answer | undefined> {
    const { routerPort: port } = this.machine;
    const body = await new Promise<string>((resolve, reject) => {
      const headers = { host: `${this.name}.localhost:${port}` };
      request({ host: '127.0.0.1', port, headers, agent: false }, (response) => text(response).then(resolve, reject))
        .on('error', reject)
        .end();
    }).catch(() => '');
    const [, version, dyno, pid] = /^(\S+) (web\.\d+) (\d+)$/.exec(body) ?? [];
    return version === undefined || dyno === undefined ? undefined : { version, dyno, pid: Number(pid) };
  }

  /** Visits until exactly so many dynos answer, each at its own process, none of them one of `except`; sorted by name. */
  async dynos(count: number, except: readonly number[] = []): Promise<readonly Answer[]> {
    for (;;) {
      const seen = new Map<number, Answer>();
      for (let visits = 0; visits < visitsToSeeAll; visits += 1) {
        const answer = await this.visit();
        if (answer !== undefined) seen.set(answer.pid, answer);
      }
      const found = [...seen.values()].sort((a, b) => a.dyno.localeCompare(b.dyno));
      if (found.length === count && found.every(({ pid }) => !except.includes(pid))) return found;
      await sleep(lookEveryMs);
    }
  }

  /** Resolves when a visit is answered by this version. */
  async shows(version: string): Promise<void> {
    while ((await this.visit())?.version !== version) await sleep(lookEveryMs);
  }

  /** Does something while visitors come at a constant rate, for so many seconds or as long as it takes. */
  async underLoad(
    seconds: number,
    act: (load: Load) => Promise<void>,
    { path = '/', ...options }: LoadOptions & { path?: string } = {},
  ): Promise<LoadReport> {
    await using load = new Load({ port: this.machine.routerPort, host: `${this.name}.localhost`, path }, options);
    await load.answers(20);
    await act(load);
    await load.lasts(seconds);
    return load.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine[Symbol.asyncDispose]();
  }
}
