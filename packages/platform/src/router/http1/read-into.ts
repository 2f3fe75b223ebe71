import { Socket } from 'node:net';

interface Reading {
  /** Where the next bytes go. */
  readonly buffer: () => Uint8Array;
  readonly callback: (count: number) => boolean;
}

interface Handle {
  useUserBuffer?(view: Uint8Array): void;
}

const symbolNamed = (name: string): symbol | undefined =>
  Object.getOwnPropertySymbols(new Socket()).find(({ description }) => description === name);

const bufferKey = symbolNamed('kBuffer');
const callbackKey = symbolNamed('kBufferCb');
const generatorKey = symbolNamed('kBufferGen');

/**
 * Makes a socket that exists already read as one made with `onread`: TLS sockets can't be made so. There is no public
 * way, so each piece is looked for; where one is missing the socket is left as it is.
 *
 * @returns whether it reads that way now
 */
export const readInto = (socket: Socket, { buffer, callback }: Reading): boolean => {
  const { _handle: handle } = socket as { _handle?: Handle | null }; // see above
  if (!bufferKey || !callbackKey || !generatorKey || !handle?.useUserBuffer || socket.readableLength > 0) return false;
  const view = buffer();
  Object.assign(socket, { [bufferKey]: view, [callbackKey]: callback, [generatorKey]: buffer });
  handle.useUserBuffer(view);
  socket.resume();
  return true;
};
