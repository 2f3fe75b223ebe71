import type { Media } from './media.ts';
import { type Credentials, sign } from './signature.ts';

export interface BucketConfig extends Credentials {
  readonly name: string;
  /** `https://s3.eu-central-1.amazonaws.com`, or any other server that speaks S3. */
  readonly endpoint: string;
}

const limitMs = 15_000;

/** Uploads in an S3 bucket, which nobody but the shop needs to read. */
export class Bucket implements Media {
  readonly #config: BucketConfig;
  constructor(config: BucketConfig) {
    this.#config = config;
  }

  async save(name: string, bytes: Uint8Array<ArrayBuffer>, type: string): Promise<void> {
    const response = await this.#send('PUT', name, bytes, { 'content-type': type });
    await response.arrayBuffer();
    if (!response.ok) throw this.#refused('keep', name, response.status);
  }

  async read(name: string): Promise<Buffer | undefined> {
    const response = await this.#send('GET', name);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (response.status === 404) return undefined;
    if (!response.ok) throw this.#refused('give', name, response.status);
    return bytes;
  }

  #send(method: string, name: string, body = new Uint8Array(), headers: Record<string, string> = {}) {
    const { endpoint } = this.#config;
    const url = new URL(`${endpoint.replace(/\/$/, '')}/${this.#config.name}/${name}`);
    return fetch(url, {
      method,
      headers: sign({ method, url, headers, body }, this.#config, new Date()),
      ...(method === 'PUT' && { body }),
      signal: AbortSignal.timeout(limitMs),
    });
  }

  #refused(verb: string, name: string, status: number): Error {
    return new Error(`expected the bucket "${this.#config.name}" to ${verb} ${name}, but it answered ${status}`);
  }
}
