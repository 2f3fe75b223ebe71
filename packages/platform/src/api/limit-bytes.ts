import { type Readable, Transform } from 'node:stream';
import { PlatformError } from '../contract/platform-error.ts';

/** Passes a stream on and fails it with request_too_large once it is longer than allowed. */
export const limitBytes = (source: Readable, maxBytes: number): Readable => {
  let bytes = 0;
  const limited = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) done(null, chunk);
      else
        done(new PlatformError('request_too_large', `The body is larger than the ${maxBytes} bytes that are allowed.`));
    },
  });
  source.once('error', (error) => limited.destroy(error));
  source.once('aborted', () => limited.destroy(new Error('the client went away before the end of the body')));
  return source.pipe(limited);
};
