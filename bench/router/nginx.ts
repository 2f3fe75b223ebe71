import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import type { Contender } from './contender.ts';
import { Pinned, proxyCore } from './pinned.ts';
import { echoHost, hostsOf, mainHost, nginxFolders, nginxHead, type Site } from './site.ts';

/** The default log format and buffers, but for large responses; keep-alive both ways; the headers that Ravine adds. */
const configOf = (site: Site, folder: string, httpPort: number, tlsPort: number): string => {
  const hosts = hostsOf(site);
  const appOf = (name: string, port: number): string =>
    `upstream ${name} { server 127.0.0.1:${port}; keepalive 256; keepalive_requests 1000000000; }`;
  const listen = `listen 127.0.0.1:${httpPort}; listen 127.0.0.1:${tlsPort} ssl http2;`;
  const forward = (app: string): string => `location / { proxy_pass http://${app}; }`;
  return `${nginxHead(folder)}
http {
  ${nginxFolders(folder)}
  access_log ${folder}/access.log;
  server_names_hash_max_size 65536;
  server_names_hash_bucket_size 128;
  keepalive_requests 1000000000;
  client_body_buffer_size 64k;
  ssl_certificate ${site.certificate};
  ssl_certificate_key ${site.certificate};
  ssl_protocols TLSv1.3;
  ssl_prefer_server_ciphers on;
  ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
  ssl_session_cache shared:tls:10m;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Request-Id $request_id;
  proxy_set_header X-Request-Start $msec;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_set_header Via "1.1 nginx";
  add_header Via "1.1 nginx";
  ${appOf('main', site.upstreamPort)}
  ${appOf('echo', site.echoPort)}
  ${hosts.map((host) => appOf(host, site.upstreamPort)).join('\n  ')}
  server {
    ${listen.replaceAll(';', ' default_server backlog=4096;')}
    server_name ${mainHost};
    location = /100k { proxy_pass http://main; proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_busy_buffers_size 128k; }
    ${forward('main')}
  }
  server { ${listen} server_name ${echoHost}; ${forward('echo')} }
  ${hosts.map((host) => `server { ${listen} server_name ${host}; ${forward(host)} }`).join('\n  ')}
}
`;
};

export const startNginx = async (site: Site, stack: AsyncDisposableStack): Promise<Contender> => {
  const folder = join(site.folder, `nginx-${site.routes}`);
  await mkdir(folder);
  const [httpPort, tlsPort] = [await freePort(), await freePort()];
  const config = join(folder, 'nginx.conf');
  await writeFile(config, configOf(site, folder, httpPort, tlsPort));
  const server = stack.use(
    await Pinned.start([site.programs.path('nginx'), '-p', folder, '-e', join(folder, 'error.log'), '-c', config], {
      core: proxyCore,
      output: join(folder, 'output.log'),
      port: httpPort,
      env: site.programs.env,
    }),
  );
  return { name: 'nginx', server, httpPort, tlsPort, accessLog: join(folder, 'access.log') };
};
