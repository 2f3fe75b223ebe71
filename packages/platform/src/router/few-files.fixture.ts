/**
 * Main of a router that is told its routes, and then to open files until it may open no more (`exhaust`) or to close them
 * (`release`). Tells its port, that an order is carried out, and each line of its log.
 */
import { closeSync, openSync } from 'node:fs';
import type { RouteSnapshot } from '../domain/route-snapshot.ts';
import { createRouter } from './create-router.ts';
import { RouteTable } from './route-table.ts';

const table = new RouteTable();
const files: number[] = [];

const exhaust = (): void => {
  try {
    for (;;) files.push(openSync('/dev/null', 'r'));
  } catch {
    // That was the last one.
  }
};

const begin = async (snapshot: RouteSnapshot): Promise<void> => {
  table.apply(snapshot);
  const router = createRouter({
    table,
    onLine: ({ text }) => process.send?.(text),
    onFault: (fault) => console.error(fault),
  });
  process.send?.((await router.listen({ host: '127.0.0.1', port: 0 })).port);
};

process.on('message', (message: RouteSnapshot | 'exhaust' | 'release') => {
  if (typeof message === 'object') return void begin(message);
  if (message === 'exhaust') exhaust();
  else for (const file of files.splice(0)) closeSync(file);
  process.send?.('done');
});
