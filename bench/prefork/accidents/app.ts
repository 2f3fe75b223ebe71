import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

if (existsSync(process.env.FLAG ?? '')) throw new Error('this worker fails at its start');
await sleep(Number(process.env.BOOT_MS ?? 0));

const slowMs = 3_000;
const megabytes = 300;
const eaten: Buffer[] = [];

const spin = (): never => {
  for (;;);
};

/** Says its pid: `/slow` after some seconds, `/eat` after taking much memory, `/spin` never. */
export const server = createServer(async ({ url }, response) => {
  if (url === '/spin') spin();
  if (url === '/slow') await sleep(slowMs);
  if (url === '/eat') eaten.push(Buffer.alloc(megabytes * 1024 * 1024, 1));
  response.end(String(process.pid));
});
