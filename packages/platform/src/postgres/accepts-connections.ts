import { connect } from 'node:net';

/** Protocol 3.0, length 8+: a startup packet that asks for user `postgres`. @see PostgreSQL documentation, "Message Formats" */
const startup = (() => {
  const fields = Buffer.from('user\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + fields.length, 0);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, fields]);
})();

/** Whether a server takes logins now: it answers with anything but "starting up" or "shutting down" (SQLSTATE 57P03). */
export const acceptsConnections = (socketPath: string, signal?: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(socketPath);
    const end = (answer: boolean) => {
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      resolve(answer);
    };
    const abort = () => end(false);
    signal?.addEventListener('abort', abort);
    socket.on('connect', () => socket.write(startup));
    socket.on('data', (bytes) => end(bytes[0] !== 0x45 || !bytes.includes('C57P03\0')));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
