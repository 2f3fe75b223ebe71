import type { Outcome } from '../harness/shell.ts';

/** What every client of S3 does in its own way. Files are paths, keys are whole; what can't be done is thrown. */
export interface BucketClient extends AsyncDisposable {
  readonly name: string;
  put(file: string, key: string): Promise<void>;
  get(key: string, file: string): Promise<void>;
  /** Bytes of each object below a folder, by key. */
  list(folder: string): Promise<Readonly<Record<string, number>>>;
  copy(from: string, to: string): Promise<void>;
  /** Removes all below a folder. */
  clear(folder: string): Promise<void>;
}

/** Where a client finds its bucket, and how it runs programs. */
export interface Bucket {
  readonly bucket: string;
  /** `http://127.0.0.1:9000` */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
}

/** Runs a program that is to end well. @returns what it printed */
export const ran = async (
  bucket: Bucket,
  command: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<string> => {
  const { stdout, stderr, status } = await bucket.run(command, args, env);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
};
