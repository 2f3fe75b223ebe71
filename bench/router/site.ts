import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openAuthority } from '../../packages/platform/src/certs/authority.ts';
import { freePort } from '../free-port.ts';
import { otherCore, Pinned } from './pinned.ts';
import { findPrograms, type Programs } from './programs.ts';

/** What every proxy of a run gets: the same upstream, names and certificate. */
export interface Site {
  /** Everything that is written goes here. */
  readonly folder: string;
  readonly programs: Programs;
  /** Answers `/` with 12 bytes, `/1k` and `/100k` with files, and a POST once it has the body. */
  readonly upstreamPort: number;
  /** Answers WebSocket frames with themselves. */
  readonly echoPort: number;
  /** PEM: key, then certificate (ECDSA P-256) of `localhost`. */
  readonly certificate: string;
  /** 1, or so many apps as `hostsOf` names. */
  readonly routes: number;
}

/** The name that load generators ask for, and the one of the echo server. */
export const mainHost = 'localhost';
export const echoHost = 'echo.localhost';

/** `app-1.test` and so on: names of further apps, all on the same upstream. */
export const hostsOf = ({ routes }: Pick<Site, 'routes'>): string[] =>
  routes === 1 ? [] : Array.from({ length: routes }, (_, index) => `app-${index + 1}.test`);

/** What both nginx servers have in common: files of their own folder, the user who runs the benchmark. */
export const nginxHead = (folder: string): string => `
${process.getuid?.() === 0 ? 'user root root;' : ''}
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 16384; }`;

/** Where nginx would put what doesn't fit into memory. */
export const nginxFolders = (folder: string): string =>
  ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');

const upstreamConfig = (folder: string, port: number): string => `${nginxHead(folder)}
http {
  ${nginxFolders(folder)}
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  sendfile on;
  tcp_nopush on;
  default_type text/plain;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${folder}/files;
    open_file_cache max=100;
    client_body_buffer_size 64k;
    location = / { return 200 "hello world\\n"; }
    # A static file takes no POST, which is found out after the mirror module has read the body.
    location = /post { mirror /drop; error_page 405 =200 @posted; }
    location = /drop { internal; return 204; }
    location @posted { return 200 "hello world\\n"; }
  }
}
`;

/** Starts what all proxies have in common, on the core that isn't measured. */
export const openSite = async (folder: string, stack: AsyncDisposableStack): Promise<Site> => {
  const programs = findPrograms(['nginx', 'haproxy', 'caddy', 'wrk', 'h2load']);
  const upstream = join(folder, 'upstream');
  await mkdir(join(upstream, 'files'), { recursive: true });
  await writeFile(join(upstream, 'files', 'post'), '');
  await writeFile(join(upstream, 'files', '1k'), 'k'.repeat(1024));
  await writeFile(join(upstream, 'files', '100k'), 'k'.repeat(100 * 1024));
  const upstreamPort = await freePort();
  const configFile = join(upstream, 'nginx.conf');
  await writeFile(configFile, upstreamConfig(upstream, upstreamPort));
  stack.use(
    await Pinned.start([programs.path('nginx'), '-p', upstream, '-e', join(upstream, 'error.log'), '-c', configFile], {
      core: otherCore,
      output: join(upstream, 'output.log'),
      port: upstreamPort,
      env: programs.env,
    }),
  );
  const authority = await openAuthority(folder);
  const certificate = await authority.certificateFor([mainHost, echoHost, '127.0.0.1']);
  const echo = stack.use(
    await Pinned.start([process.execPath, join(import.meta.dirname, 'websocket-echo.ts')], {
      core: otherCore,
      output: join(upstream, 'echo.log'),
    }),
  );
  return { folder, programs, upstreamPort, echoPort: await echo.tells<number>(), certificate, routes: 1 };
};
