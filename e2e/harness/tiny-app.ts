import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const identity = ['-c', 'user.name=Tester', '-c', 'user.email=tester@localhost', '-c', 'commit.gpgsign=false'];

/** Answers with its version, dyno and pid, at once or on /slow after a second; with CHATTY set it writes `line N TIME` every 10 ms. */
const server = (version: string): string => `
const { createServer } = require('node:http');
const server = createServer((request, response) => {
  const answer = () => response.end([${JSON.stringify(version)}, process.env.DYNO, process.pid].join(' '));
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

/** A git repository with a Node app of one file and no dependencies. */
export class TinyApp {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(folder: string): Promise<TinyApp> {
    const app = new TinyApp(folder);
    await mkdir(folder, { recursive: true });
    await app.#git('init', '--quiet', '--initial-branch=main');
    const name = { name: 'tiny', version: '1.0.0' };
    await app.commit('v1', {
      Procfile: 'web: node server.js\n',
      'package.json': JSON.stringify({ ...name, private: true }),
      'package-lock.json': JSON.stringify({ ...name, lockfileVersion: 3, requires: true, packages: { '': name } }),
    });
    return app;
  }

  /** Commits a server that answers with this version; with `files` beside it. */
  async commit(version: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
    await writeFile(join(this.folder, 'server.js'), server(version));
    for (const [name, text] of Object.entries(files)) await writeFile(join(this.folder, name), text);
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--message', version);
  }

  async #git(...args: string[]): Promise<void> {
    await run('git', [...identity, ...args], { cwd: this.folder });
  }
}
