import { type Agent, request } from 'node:https';
import { AcmeError } from './acme-error.ts';

export interface AcmeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

const maxBodyBytes = 1024 * 1024;
const silenceMs = 30_000;

/** A kept connection that the authority was just closing. */
class StaleConnection extends Error {}

/**
 * One HTTPS request to an ACME authority; redirects are not followed.
 * @param payload sent as `application/jose+json`
 * @throws AcmeError `unreachable` when there was no whole answer.
 */
export const acmeRequest: typeof ask = async (...request) => {
  try {
    return await ask(...request);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    return ask(...request);
  }
};

const ask = (
  method: 'GET' | 'HEAD' | 'POST',
  url: string,
  { agent, signal, payload }: { readonly agent: Agent; readonly signal: AbortSignal; readonly payload?: string },
): Promise<AcmeAnswer> =>
  new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      const { host } = new URL(url);
      reject(
        signal.aborted
          ? signal.reason
          : new AcmeError(
              'unreachable',
              `the authority at ${host} can't be reached: ${cause.message}`,
              0,
              undefined,
              cause,
            ),
      );
    };
    const headers = {
      'user-agent': 'ravine (acme)',
      'accept-language': 'en',
      ...(payload === undefined ? {} : { 'content-type': 'application/jose+json' }),
    };
    const asked = request(url, { method, agent, signal, headers, timeout: silenceMs }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBodyBytes) response.destroy(new Error(`its answer is larger than ${maxBodyBytes} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        const single = Object.entries(response.headers).map(([name, value]) => [name, [value].flat()[0]]);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(single),
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`it was silent for ${silenceMs / 1000} s`)));
    asked.on('error', (error) => {
      const isStale = asked.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      if (isStale && !signal.aborted) reject(new StaleConnection());
      else fail(error);
    });
    asked.end(payload);
  });
