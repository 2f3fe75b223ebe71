import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import type { Contender } from './contender.ts';
import { Pinned, proxyCore } from './pinned.ts';
import type { Site } from './site.ts';

const configOf = (site: Site, port: number, accessLog: string): string => `
{
  admin off
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  log {
    output file ${accessLog} {
      roll_disabled
    }
  }
  header +Via "1.1 caddy"
  reverse_proxy 127.0.0.1:${site.upstreamPort} {
    header_up X-Request-Id {http.request.uuid}
    header_up X-Request-Start {time.now.unix_ms}
    header_up X-Forwarded-Port ${port}
    header_up +Via "1.1 caddy"
    transport http {
      keepalive_idle_conns_per_host 256
    }
  }
}
`;

export const startCaddy = async (site: Site, stack: AsyncDisposableStack): Promise<Contender> => {
  const folder = join(site.folder, 'caddy');
  await mkdir(folder);
  const port = await freePort();
  const config = join(folder, 'Caddyfile');
  const accessLog = join(folder, 'access.log');
  await writeFile(config, configOf(site, port, accessLog));
  const server = stack.use(
    await Pinned.start([site.programs.path('caddy'), 'run', '--adapter', 'caddyfile', '--config', config], {
      core: proxyCore,
      output: join(folder, 'output.log'),
      port,
      env: { ...site.programs.env, GOMAXPROCS: '1', XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    }),
  );
  return { name: 'caddy', server, httpPort: port, accessLog };
};
