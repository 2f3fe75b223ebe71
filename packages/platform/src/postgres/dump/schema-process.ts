/**
 * Main of the process that runs pg_dump, compiled to WebAssembly, for the definitions of a database (no rows). Its stdin
 * and stdout are the connection to the server; the dump, in custom format, goes to file descriptor 3.
 * Arguments are pg_dump's. It writes the reason to stderr and exits with 1 when pg_dump fails.
 */
import { readSync, writeSync } from 'node:fs';
import { pgDump } from '@electric-sql/pglite-tools/pg_dump';
import { captureFile } from './capture-file.ts';
import { Exchange } from './protocol-exchange.ts';

const input = Buffer.alloc(1024 * 1024);

const writeAll = (descriptor: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
};

const exchange = new Exchange();
const connection = {
  query: async () => ({ rows: [{ search_path: '' }] }),
  exec: async () => {},
  /** Sends what pg_dump has written, and hands over all that the server answers to it. */
  execProtocolRawStream(bytes: Uint8Array, { onRawData }: { onRawData(data: Uint8Array): void }): void {
    writeAll(1, bytes);
    exchange.sent(Buffer.from(bytes));
    const answer: Buffer[] = [];
    while (exchange.isOwedAnAnswer) {
      const length = readSync(0, input);
      if (length === 0) break;
      const part = Buffer.from(input.subarray(0, length));
      exchange.received(part);
      answer.push(part);
    }
    if (answer.length > 0) onRawData(new Uint8Array(Buffer.concat(answer)));
  },
};

const captured = captureFile();
try {
  // The package wants its own database; of it, pg_dump needs the connection alone.
  await pgDump({ pg: connection as never, args: process.argv.slice(2) });
  writeAll(3, captured());
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
