import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import type { Contender } from './contender.ts';
import { Pinned, proxyCore } from './pinned.ts';
import type { Site } from './site.ts';

const configOf = (site: Site, port: number): string => `
global
  nbthread 1
  maxconn 4096
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend visitors
  bind 127.0.0.1:${port}
  http-request set-header X-Request-Id %[uuid()]
  http-request set-header X-Request-Start %[date()]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request add-header Via "1.1 haproxy"
  http-response add-header Via "1.1 haproxy"
  default_backend app
backend app
  server app 127.0.0.1:${site.upstreamPort}
`;

/** Its log goes to its standard output, here a file. */
export const startHaproxy = async (site: Site, stack: AsyncDisposableStack): Promise<Contender> => {
  const folder = join(site.folder, 'haproxy');
  await mkdir(folder);
  const port = await freePort();
  const config = join(folder, 'haproxy.cfg');
  const output = join(folder, 'access.log');
  await writeFile(config, configOf(site, port));
  const server = stack.use(
    await Pinned.start([site.programs.path('haproxy'), '-f', config], {
      core: proxyCore,
      output,
      port,
      env: site.programs.env,
    }),
  );
  return { name: 'haproxy', server, httpPort: port, accessLog: output };
};
