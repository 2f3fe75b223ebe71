import { type BinaryStatus, statuses } from './binary.data.ts';
import type { Session } from './session.ts';

export const headerBytes = 24;
const response = 0x81;
const empty = '';

/** A request's header, as far as an answer or a handler needs it. */
export interface BinaryRequest {
  readonly opcode: number;
  readonly opaque: number;
  readonly cas: number;
  readonly extras: Buffer;
  readonly key: string;
  readonly value: string;
}

const header = Buffer.alloc(headerBytes + 8);

/** Writes an answer: header, extras (up to 8 bytes), key, value. */
const write = (
  { output }: Session,
  { opcode, opaque }: Pick<BinaryRequest, 'opcode' | 'opaque'>,
  status: number,
  parts: { extras?: Uint8Array; key?: string; value?: string; cas?: number },
): void => {
  const { extras, key = empty, value = empty, cas = 0 } = parts;
  const extraLength = extras?.length ?? 0;
  header[0] = response;
  header[1] = opcode;
  header.writeUInt16BE(key.length, 2);
  header[4] = extraLength;
  header[5] = 0;
  header.writeUInt16BE(status, 6);
  header.writeUInt32BE(extraLength + key.length + value.length, 8);
  header.writeUInt32BE(opaque, 12);
  header.writeUInt32BE(Math.floor(cas / 2 ** 32), 16);
  header.writeUInt32BE(cas >>> 0, 20);
  if (extras !== undefined) header.set(extras, headerBytes);
  output.bytes(header.subarray(0, headerBytes + extraLength));
  if (key !== empty) output.text(key);
  if (value !== empty) output.text(value);
};

export const answerOk = (
  session: Session,
  request: Pick<BinaryRequest, 'opcode' | 'opaque'>,
  parts: { extras?: Uint8Array; key?: string; value?: string; cas?: number } = {},
): void => write(session, request, statuses.ok[0], parts);

export const answerError = (
  session: Session,
  request: Pick<BinaryRequest, 'opcode' | 'opaque'>,
  status: BinaryStatus,
  text: string = statuses[status][1],
): void => write(session, request, statuses[status][0], { value: text });
