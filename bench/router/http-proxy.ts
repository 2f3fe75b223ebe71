import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender } from './contender.ts';
import { Pinned, proxyCore } from './pinned.ts';
import type { Site } from './site.ts';

/** The npm package of that name, as its readme uses it, with kept connections and an access log. */
export const startHttpProxy = async (site: Site, stack: AsyncDisposableStack): Promise<Contender> => {
  const folder = join(site.folder, 'http-proxy');
  await mkdir(folder);
  const accessLog = join(folder, 'access.log');
  const script = join(import.meta.dirname, 'http-proxy-server.ts');
  const server = stack.use(
    await Pinned.start([process.execPath, '--no-deprecation', script, String(site.upstreamPort), accessLog], {
      core: proxyCore,
      output: join(folder, 'output.log'),
    }),
  );
  return { name: 'http-proxy', server, httpPort: await server.tells<number>(), accessLog };
};
