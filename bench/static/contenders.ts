import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import type { Contender } from '../router/contender.ts';
import { Pinned, proxyCore } from '../router/pinned.ts';
import { ensurePythonModule, type Programs } from '../router/programs.ts';
import { nginxFolders, nginxHead } from '../router/site.ts';

/** What every server of a run gets. */
export interface StaticSite {
  /** Everything that is written goes here. */
  readonly folder: string;
  readonly programs: Programs;
  /** The files to serve. */
  readonly root: string;
}

const mostAttempts = 3;

const start = async (
  { folder, programs }: StaticSite,
  name: string,
  argvFor: (port: number, own: string) => readonly string[] | Promise<readonly string[]>,
  env: NodeJS.ProcessEnv = {},
): Promise<Contender> => {
  const own = join(folder, name.replaceAll(/\W+/g, '-'));
  await mkdir(own);
  const output = join(own, 'output.log');
  for (let attempt = 1; ; attempt += 1) {
    const httpPort = await freePort();
    const options = { core: proxyCore, output, port: httpPort, env: { ...programs.env, ...env } };
    try {
      return { name, server: await Pinned.start(await argvFor(httpPort, own), options), httpPort, accessLog: output };
    } catch (error) {
      if (attempt === mostAttempts) throw error; // Others on the machine take ports too.
    }
  }
};

export const startNode = (site: StaticSite, name: string, kind: string): Promise<Contender> =>
  start(site, name, (port) => [
    process.execPath,
    join(import.meta.dirname, 'node-server.ts'),
    kind,
    String(port),
    site.root,
  ]);

/** As its documentation advises for static files; `cached` also keeps what it knows about open files. */
export const startNginx = (site: StaticSite, name: string, cached: boolean): Promise<Contender> =>
  start(site, name, async (port, own) => {
    const config = join(own, 'nginx.conf');
    await writeFile(
      config,
      `${nginxHead(own)}
http {
  ${nginxFolders(own)}
  types { text/css css; }
  access_log off;
  sendfile on;
  tcp_nopush on;
  gzip_static on;
  gzip_vary on;
  keepalive_requests 1000000000;
  ${cached ? 'open_file_cache max=1000; open_file_cache_valid 60s;' : ''}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${site.root};
    add_header Cache-Control "public, max-age=60";
    add_header Access-Control-Allow-Origin *;
  }
}
`,
    );
    return [site.programs.path('nginx'), '-p', own, '-e', join(own, 'error.log'), '-c', config];
  });

/** One worker of threads, as Gunicorn needs for keep-alive. */
export const startWhiteNoise = (site: StaticSite, name: string): Promise<Contender> => {
  ensurePythonModule('whitenoise', 'python3-whitenoise');
  const program = ['/usr/bin/python3', site.programs.path('gunicorn')];
  const options = ['--workers', '1', '--threads', '8', '--keep-alive', '75', '--pythonpath', import.meta.dirname];
  const env = { PYTHONPATH: site.programs.pythonPath, PYTHONDONTWRITEBYTECODE: '1', STATIC_ROOT: site.root };
  return start(site, name, (port) => [...program, ...options, '--bind', `127.0.0.1:${port}`, 'whitenoise_app'], env);
};
