import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { RowBatches } from './row-batches.ts';

/** What of a connection of `pg` a query in progress uses. */
interface Wire {
  readonly stream: Socket;
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
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

/** A statement that answers with CopyData: COPY TO STDOUT, or BASE_BACKUP. */
export interface CopyOut {
  /** The bytes, one chunk a message of the protocol; ends after the statement has, and fails with it. */
  readonly data: Readable;
  /** Rows that came before and after the bytes, as text; complete once the data has ended. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Runs a statement that answers with CopyData; the server is slowed down to the pace of the reader. */
export const copyOut = (client: pg.ClientBase, statement: string): CopyOut => {
  const rows: (readonly (string | null)[])[] = [];
  const data = runCopyOut(client, statement, {
    // The parser uses the memory of what it has read again.
    begin: (_stream, push) => (chunk) => push(Buffer.from(chunk ?? [])),
    onRow: (row) => rows.push(row),
  });
  return { data, rows };
};

/** As {@link copyOut}, for COPY: rows come many at a time, without the ends of messages, and at little cost each. */
export const copyRows = (client: pg.ClientBase, statement: string): Readable =>
  runCopyOut(client, statement, {
    begin: (stream, push) => {
      const batches = new RowBatches(push);
      const [parse] = stream.listeners('data') as ((bytes: Buffer) => void)[]; // the only one: the protocol's parser
      if (parse === undefined) throw new Error('nobody reads the connection');
      const read = (bytes: Buffer): void => batches.take(bytes, parse);
      stream.off('data', parse).on('data', read);
      return () => {
        batches.flush();
        stream.off('data', read).on('data', parse);
      };
    },
  });

interface CopyOutReader {
  /** Called before the statement is sent; what it returns gets each message that the parser reads, and null at the end. */
  begin(stream: Socket, push: (bytes: Buffer) => void): (chunk: Buffer | null) => void;
  onRow?(row: readonly (string | null)[]): void;
}

const runCopyOut = (client: pg.ClientBase, statement: string, reader: CopyOutReader): Readable => {
  let wire: Wire | undefined;
  let take: ((chunk: Buffer | null) => void) | undefined;
  const data = new Readable({ objectMode: true, highWaterMark: 64, read: () => wire?.stream.resume() });
  submit(client, {
    submit(connection: Wire) {
      wire = connection;
      take = reader.begin(connection.stream, (bytes) => {
        if (bytes.length > 0 && !data.push(bytes)) connection.stream.pause();
      });
      connection.query(statement);
    },
    handleRowDescription() {},
    handleDataRow: (message: { fields: (string | null)[] }) => reader.onRow?.(message.fields),
    handleCopyData: ({ chunk }: { chunk: Buffer }) => take?.(chunk),
    handleCommandComplete() {},
    handleEmptyQuery() {},
    handleReadyForQuery() {
      take?.(null);
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
    for await (const chunk of source) {
      if (failed) break;
      wire.sendCopyFromChunk(chunk);
      if (wire.stream.writableNeedDrain) await Promise.race([drained(wire), done]);
    }
    wire.endCopyFrom();
  } catch (error) {
    if (!failed) wire.sendCopyFail('the source of the data failed');
    await done.catch(() => {});
    throw error;
  }
  await done;
};

const drained = async (wire: Wire): Promise<void> => {
  await once(wire.stream, 'drain');
};
