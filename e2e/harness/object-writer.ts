import { createHash, randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

const mostBytes = 200_000;

/** A client that puts one object after the other, and remembers what the store has acknowledged. */
export class ObjectWriter {
  /** SHA-256 by key. */
  readonly acknowledged = new Map<string, string>();
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #ended: Promise<void>;
  #stopped = false;

  constructor(bucket: string, config: S3ClientConfig) {
    this.#client = new S3Client({ forcePathStyle: true, maxAttempts: 1, ...config });
    this.#bucket = bucket;
    this.#ended = this.#write();
  }

  /** Waits for so many more. */
  async more(count: number): Promise<void> {
    const least = this.acknowledged.size + count;
    while (this.acknowledged.size < least) await sleep(5);
  }

  /** Ends it. @returns keys of what was acknowledged and isn't there as it was written */
  async stop(): Promise<readonly string[]> {
    this.#stopped = true;
    await this.#ended;
    const missing: string[] = [];
    for (const [key, digest] of this.acknowledged) {
      if ((await this.#digestOf(key)) !== digest) missing.push(key);
    }
    this.#client.destroy();
    return missing;
  }

  async #write(): Promise<void> {
    for (let n = 1; !this.#stopped; n++) {
      const [Key, Body] = [`objects/${n}`, randomBytes(randomInt(1, mostBytes))];
      try {
        await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key, Body }));
        this.acknowledged.set(Key, sha256(Body));
      } catch {
        await sleep(10);
      }
    }
  }

  async #digestOf(Key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key }));
      return sha256((await Body?.transformToByteArray()) ?? new Uint8Array());
    } catch {
      return undefined;
    }
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
