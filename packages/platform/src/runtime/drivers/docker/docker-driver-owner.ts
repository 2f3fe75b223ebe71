/**
 * For tests: opens a driver, starts the dyno whose spec it reads from stdin, says so on stdout, and stays until it is killed.
 * With `attached` as third argument the dyno is bound to this process.
 */
import { dirname } from 'node:path';
import { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import { connectEngine } from '../../../engine/connect-engine.ts';
import type { DynoSpec } from '../../driver.ts';
import { DockerDriver } from './docker-driver.ts';

const [platform = '', folder = '', mode] = process.argv.slice(2);
const driver = await DockerDriver.open({
  engine: await connectEngine(),
  platform,
  folder,
  sharedFolders: [dirname(process.execPath)],
});
// Cast: the test that starts us writes it.
const spec = (await json(process.stdin)) as DynoSpec;
const never = new AbortController().signal;

if (mode === 'attached') {
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      process.stdout.write(chunk, done);
    },
  });
  await driver.runAttached(spec, stream, undefined, never);
} else {
  process.stdout.write(`${JSON.stringify(await driver.start(spec, never))}\n`);
  setInterval(() => undefined, 1000);
}
