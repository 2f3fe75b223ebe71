/**
 * For tests: opens a driver, starts the dyno whose spec it reads from stdin, says so on stdout, and stays until it is killed.
 * With `attached` as third argument the dyno is bound to this process.
 */
import { dirname } from 'node:path';
import { connectEngine } from '../../../engine/connect-engine.ts';
import { stackImage } from '../../../engine/testing/test-engine.ts';
import { ownDyno } from '../own-dyno.ts';
import { DockerDriver } from './docker-driver.ts';

const [platform = '', folder = '', mode] = process.argv.slice(2);
const driver = await DockerDriver.open({
  engine: await connectEngine(),
  platform,
  folder,
  stackImage,
  sharedFolders: [dirname(process.execPath)],
});
await ownDyno(driver, mode === 'attached');
