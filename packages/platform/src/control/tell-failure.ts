import type { Writable } from 'node:stream';
import type { BuildFailed } from '../build/build-failed.ts';

/** Shows the pusher why there is no slug. @returns what it was given, to be thrown */
export const tellFailure = (output: Writable, failed: BuildFailed): BuildFailed => {
  output.write(`\n${failed.message.replaceAll(/^/gm, ' !     ')}\n !\n !     Push failed\n\n`);
  return failed;
};
