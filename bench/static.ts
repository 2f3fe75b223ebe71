import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result, Row } from './result.ts';
import { type Rounds, ratioTo, rowsOf, takeTurns } from './router/compare.ts';
import { findPrograms } from './router/programs.ts';
import { wrk } from './router/wrk.ts';
import { startNginx, startNode, startWhiteNoise } from './static/contenders.ts';
import { sizes, writeFiles } from './static/files.ts';

const ours = '@ravine/static';
const middleware = `${ours}, middleware`;
/** What a request costs them, divided by what it costs us. */
const goals = { nginx: 0.7, whitenoise: 6, sirv: 5 } as const;

/** What a small and a middling file cost per request, against nginx, WhiteNoise and what Node has. */
export const staticFileServers = async (rounds: Rounds): Promise<Result> => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ravine-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const programs = findPrograms(['nginx', 'wrk', 'gunicorn']);
  const site = { folder, programs, root: await writeFiles(folder) };
  const contenders = [
    await startNode(site, ours, 'ravine'),
    await startNode(site, middleware, 'middleware'),
    await startNginx(site, 'nginx', false),
    await startNginx(site, 'nginx, open_file_cache', true),
    await startNode(site, 'sirv', 'sirv'),
    await startNode(site, 'serve-static', 'serve-static'),
    await startNode(site, '@fastify/static', '@fastify/static'),
    await startWhiteNoise(site, 'whitenoise'),
  ];
  for (const { server } of contenders) stack.use(server);
  const rows: Row[] = [];
  const values: Record<string, number> = {};
  for (const { name: size, what } of sizes) {
    process.stderr.write(`${what} ...\n`);
    const request = {
      path: `/${size}.css`,
      headers: { 'Accept-Encoding': 'gzip, deflate, br', Accept: 'text/css,*/*;q=0.1' },
    };
    const turns = await takeTurns(
      contenders,
      ({ httpPort }) =>
        wrk(site, { port: httpPort, tls: false }, { connections: 32, seconds: rounds.seconds, request }),
      rounds,
    );
    rows.push(...rowsOf(what, turns));
    for (const [name, least] of Object.entries(goals)) {
      const ratio = ratioTo(turns, name, ours);
      rows.push({ what: `${what}: ${name} / ${ours}`, value: ratio, unit: 'x', least });
      values[`vs_${name}_${size}`] = ratio;
      values[`vs_${name}`] = Math.min(values[`vs_${name}`] ?? ratio, ratio);
    }
    const others: readonly (readonly [key: string, name: string, mine: string])[] = [
      ['vs_nginx_open_file_cache', 'nginx, open_file_cache', ours],
      ['vs_serve_static', 'serve-static', ours],
      ['vs_fastify_static', '@fastify/static', ours],
      ...['nginx', 'whitenoise', 'sirv'].map((name) => [`middleware_vs_${name}`, name, middleware] as const),
    ];
    for (const [key, name, mine] of others) {
      const ratio = ratioTo(turns, name, mine);
      rows.push({ what: `${what}: ${name} / ${mine}`, value: ratio, unit: 'x' });
      values[`${key}_${size}`] = ratio;
    }
  }
  return { rows, values, method: methodOf(rounds) };
};

const methodOf = ({ rounds, seconds }: Rounds): string =>
  `µs are CPU time per request of the server's own processes, user and system: medians of ${rounds} rounds of ${seconds} s in turns, once each is warm. ` +
  'Ratios are medians over rounds, higher is better; vs_… is the lower one of both sizes. Server on one core, load on the other, 32 connections with keep-alive, gzip variants made beforehand, no access logs.';
