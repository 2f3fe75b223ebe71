import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type pg from 'pg';

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
  let wire: Wire | undefined;
  const data = new Readable({ objectMode: true, highWaterMark: 64, read: () => wire?.stream.resume() });
  submit(client, {
    submit(connection: Wire) {
      wire = connection;
      connection.query(statement);
    },
    handleRowDescription() {},
    handleDataRow(message: { fields: (string | null)[] }) {
      rows.push(message.fields);
    },
    handleCopyData({ chunk }: { chunk: Buffer }) {
      // The parser uses the memory of what it has read again.
      if (!data.push(Buffer.from(chunk))) wire?.stream.pause();
    },
    handleCommandComplete() {},
    handleEmptyQuery() {},
    handleReadyForQuery() {
      data.push(null);
    },
    handleError(error: Error) {
      data.destroy(error);
    },
  });
  return { data, rows };
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
