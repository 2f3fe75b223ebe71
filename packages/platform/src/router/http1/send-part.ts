import { Socket } from 'node:net';
import type { BareSocket } from './bare-socket.ts';
import { ReadBuffer } from './read-buffer.ts';

/** Payload up to this size is sent as text together with its head: cheaper than a buffer of its own. */
export const smallBytes = 4_096;

const endOfBody = '0\r\n\r\n';

/**
 * Sends one part of a message with one system call: a head, payload, or both; `last` ends the message.
 * The head is put in front of the payload, and the end of a chunk behind it, into `bytes` itself where there is room.
 *
 * @param head latin1, empty when it has been sent before
 * @returns whether `bytes` may be used for something else now
 */
export const sendPart = (
  socket: Socket | BareSocket,
  head: string,
  bytes: Buffer,
  from: number,
  to: number,
  chunked: boolean,
  last: boolean,
): boolean => {
  const size = to - from;
  let before = head;
  let after = '';
  if (chunked) {
    if (size > 0) {
      before += `${size.toString(16)}\r\n`;
      after = last ? `\r\n${endOfBody}` : '\r\n';
    } else if (last) after = endOfBody;
  }
  if (size <= smallBytes) {
    const text = size > 0 ? before + bytes.toString('latin1', from, to) + after : before + after;
    if (text !== '') socket.write(text, 'latin1');
    return true;
  }
  const earlier = socket.writableLength;
  if (before.length <= from && to + after.length <= bytes.length) {
    if (before !== '') bytes.write(before, from - before.length, 'latin1');
    if (after !== '') bytes.write(after, to, 'latin1');
    socket.write(bytes.subarray(from - before.length, to + after.length));
  } else {
    socket.cork();
    if (before !== '') socket.write(before, 'latin1');
    socket.write(bytes.subarray(from, to));
    if (after !== '') socket.write(after, 'latin1');
    socket.uncork();
  }
  // TLS copies what it takes, but takes nothing while an earlier write is under way.
  const isFree = 'encrypted' in socket ? earlier === 0 : socket.writableLength === 0;
  if (!isFree && socket instanceof Socket) ReadBuffer.of(bytes)?.lose();
  return isFree;
};

interface WithHandle {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

/** Bytes written to a socket that the system hasn't taken yet; also where a single large write is half done. */
export const unsentBytes = (socket: Socket | BareSocket): number => {
  if (!(socket instanceof Socket)) return socket.writableLength;
  const { _handle: handle } = socket as WithHandle; // net has no documented name for it
  return socket.writableLength + (handle?.writeQueueSize ?? 0);
};
