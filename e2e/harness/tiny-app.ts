import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** The base image that scripts/engine.sh sees to. */
export const nodeImage = `node:${process.versions.node.split('.')[0]}-slim`;
const identity = ['-c', 'user.name=Tester', '-c', 'user.email=tester@localhost', '-c', 'commit.gpgsign=false'];

/**
 * Answers with its version, dyno and pid, at once or on /slow after a second; with CHATTY set it writes `line N TIME` every 10 ms,
 * with TELLS_REQUESTS a line for each request with its id.
 * A container counts processes anew: there the number is its host name's, the beginning of its id.
 */
const server = (version: string): string => `
const { createServer } = require('node:http');
const { hostname } = require('node:os');
const pid = process.env.TINY_CONTAINER ? parseInt(hostname(), 16) : process.pid;
const server = createServer((request, response) => {
  if (process.env.TELLS_REQUESTS) console.log(request.method, request.url, 'for', request.headers['x-request-id']);
  const answer = () => response.end([${JSON.stringify(version)}, process.env.DYNO, pid].join(' '));
  if (request.url === '/slow') setTimeout(answer, 1000);
  else answer();
});
server.keepAliveTimeout = 95000;
server.listen(process.env.PORT);
let n = 0;
if (process.env.CHATTY) setInterval(() => console.log('line', ++n, performance.timeOrigin + performance.now()), 10);
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
`;

const name = { name: 'tiny', version: '1.0.0' };
const files: Readonly<Record<'heroku-24' | 'container', Readonly<Record<string, string>>>> = {
  'heroku-24': {
    Procfile: 'web: node server.js\n',
    'package.json': JSON.stringify({ ...name, private: true }),
    'package-lock.json': JSON.stringify({ ...name, lockfileVersion: 3, requires: true, packages: { '': name } }),
  },
  container: { Dockerfile: `FROM ${nodeImage}\nENV TINY_CONTAINER=1\nCOPY server.js .\nCMD ["node", "server.js"]\n` },
};

/** A git repository with a Node app of one file and no dependencies. */
export class TinyApp {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(folder: string, stack: keyof typeof files = 'heroku-24'): Promise<TinyApp> {
    const app = new TinyApp(folder);
    await mkdir(folder, { recursive: true });
    await app.#git('init', '--quiet', '--initial-branch=main');
    await app.commit('v1', files[stack]);
    return app;
  }

  /** Commits a server that answers with this version; with `files` beside it. */
  async commit(version: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
    await writeFile(join(this.folder, 'server.js'), server(version));
    for (const [name, text] of Object.entries(files)) await writeFile(join(this.folder, name), text);
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--message', version);
  }

  /** What is committed, as a .tar.gz. */
  async archive(): Promise<Buffer<ArrayBuffer>> {
    const options = { cwd: this.folder, encoding: 'buffer' } as const;
    return Buffer.from((await run('git', ['archive', '--format=tar.gz', 'HEAD'], options)).stdout);
  }

  async #git(...args: string[]): Promise<void> {
    await run('git', [...identity, ...args], { cwd: this.folder });
  }
}
