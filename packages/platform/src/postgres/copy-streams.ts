import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { type ContentOf, copyData, headBytes, RowBatches } from './row-batches.ts';

/** What of a connection of `pg` a query in progress uses. */
interface Wire {
  readonly stream: Socket;
  query(text: string): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** A query that handles the protocol's messages itself. */
interface Query {
  submit(connection: Wire): void;
  readonly [handler: string]: unknown;
}

/** `pg` has no type for a query that handles the protocol's messages itself, which it takes as soon as it has `submit`. */
const submit = (client: pg.ClientBase, query: Query): void => void client.query(query as unknown as pg.Submittable);

/** What BASE_BACKUP answers with. */
export interface BackupStream {
  /** The tar archive, in large pieces; ends after the statement has, and fails with it. */
  readonly archive: Readable;
  /** Complete once the archive has ended. */
  readonly manifest: readonly Buffer[];
  /** Rows that came before and after the archive, as text; complete once it has ended. */
  readonly rows: readonly (readonly (string | null)[])[];
}

const rowBatchBytes = 1024 * 1024;
const archiveBatchBytes = 4 * 1024 * 1024;
const [archiveData, manifestBegins] = [0x64, 0x6d];

/**
 * Runs BASE_BACKUP with a manifest, for the client; the server is slowed down to the pace of the reader.
 * @see PostgreSQL documentation, "Streaming Replication Protocol"
 */
export const copyBackup = (client: pg.ClientBase, statement: string): BackupStream => {
  const rows: (readonly (string | null)[])[] = [];
  const manifest: Buffer[] = [];
  let inManifest = false;
  const archive = runCopyOut(client, statement, {
    batchBytes: archiveBatchBytes,
    contentFrom: (bytes, from, to) => {
      if (bytes[from] === manifestBegins) inManifest = true;
      if (bytes[from] !== archiveData) return to;
      if (!inManifest) return from + 1;
      manifest.push(Buffer.from(bytes.subarray(from + 1, to)));
      return to;
    },
    onRow: (row) => rows.push(row),
  });
  return { archive, manifest, rows };
};

/** Runs COPY TO STDOUT: rows come many at a time, at little cost each; the server is slowed down to the pace of the reader. */
export const copyRows = (client: pg.ClientBase, statement: string): Readable =>
  runCopyOut(client, statement, { batchBytes: rowBatchBytes });

interface CopyOutReader {
  readonly batchBytes: number;
  readonly contentFrom?: ContentOf;
  onRow?(row: readonly (string | null)[]): void;
}

/** Past the connection's parser, which makes an object and a copy of each row. */
const runCopyOut = (client: pg.ClientBase, statement: string, reader: CopyOutReader): Readable => {
  let wire: Wire | undefined;
  let end = () => {};
  const data = new Readable({ objectMode: true, highWaterMark: 4, read: () => wire?.stream.resume() });
  submit(client, {
    submit(connection: Wire) {
      wire = connection;
      const { stream } = connection;
      const push = (bytes: Buffer) => {
        if (!data.push(bytes)) stream.pause();
      };
      const batches = new RowBatches(push, reader.batchBytes, reader.contentFrom);
      const [parse] = stream.listeners('data') as ((bytes: Buffer) => void)[]; // the only one: the protocol's parser
      if (parse === undefined) throw new Error('nobody reads the connection');
      const read = (bytes: Buffer): void => batches.take(bytes, parse);
      stream.off('data', parse).on('data', read);
      end = () => {
        batches.flush();
        stream.off('data', read).on('data', parse);
      };
      connection.query(statement);
    },
    handleRowDescription() {},
    handleDataRow: (message: { fields: (string | null)[] }) => reader.onRow?.(message.fields),
    handleCopyData() {},
    handleCommandComplete() {},
    handleEmptyQuery() {},
    handleReadyForQuery() {
      end();
      data.push(null);
    },
    handleError(error: Error) {
      data.destroy(error);
    },
  });
  return data;
};

/**
 * Runs COPY FROM STDIN with bytes from `source`.
 * @throws what the server says, or what the source fails with, and then nothing is copied.
 */
export const copyIn = async (
  client: pg.ClientBase,
  statement: string,
  source: AsyncIterable<Buffer>,
): Promise<void> => {
  const { promise: ready, resolve: begin, reject: refuse } = Promise.withResolvers<Wire>();
  const { promise: done, resolve: end, reject: fail } = Promise.withResolvers<void>();
  let failed = false;
  submit(client, {
    submit: (connection: Wire) => connection.query(statement),
    handleRowDescription() {},
    handleDataRow() {},
    handleCopyInResponse: (connection: Wire) => begin(connection),
    handleCommandComplete() {},
    handleEmptyQuery() {},
    handleReadyForQuery: () => end(),
    handleError(error: Error) {
      failed = true;
      refuse(error);
      fail(error);
    },
  });
  done.catch(() => {});
  const wire = await ready;
  try {
    const underWay: Promise<void>[] = [];
    for await (const chunk of source) {
      if (failed) break;
      underWay.push(sendRows(wire.stream, chunk));
      if (underWay.length > mostUnderWay) await Promise.race([underWay.shift(), done]);
    }
    wire.endCopyFrom();
  } catch (error) {
    if (!failed) wire.sendCopyFail('the source of the data failed');
    await done.catch(() => {});
    throw error;
  }
  await done;
};

/** Chunks that wait to be sent, so that the server need not wait for the next one while the last of them goes out. */
const mostUnderWay = 4;

/** Sends a CopyData message, without the copy of its content that the connection's own would make. */
const sendRows = (stream: Socket, rows: Buffer): Promise<void> => {
  const head = Buffer.alloc(headBytes);
  head[0] = copyData;
  head.writeUInt32BE(rows.length + headBytes - 1, 1);
  stream.cork();
  stream.write(head);
  const { promise, resolve } = Promise.withResolvers<void>();
  // A connection that breaks fails the statement.
  stream.write(rows, () => resolve());
  stream.uncork();
  return promise;
};
