import { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import type { Driver, DynoSpec } from '../driver.ts';

/**
 * For tests, in a process that is to be killed: starts the dyno whose spec it reads from stdin, says so on stdout, and stays.
 * `attached` binds the dyno to this process instead.
 */
export const ownDyno = async (driver: Driver, attached: boolean): Promise<void> => {
  // Cast: the test that starts us writes it.
  const spec = (await json(process.stdin)) as DynoSpec;
  const never = new AbortController().signal;
  if (!attached) {
    process.stdout.write(`${JSON.stringify(await driver.start(spec, never))}\n`);
    setInterval(() => undefined, 1000);
    return;
  }
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      process.stdout.write(chunk, done);
    },
  });
  await driver.runAttached(spec, stream, undefined, never);
};
