import { connect } from 'node:net';

/**
 * Asks a running master for something.
 * @returns the result, as the master made it.
 * @throws Error when no master listens, or it refuses.
 */
export const askMaster = (path: string, command: string, args: readonly string[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(`${JSON.stringify({ command, args })}\n`));
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new Error(
          `expected a prefork master to listen on ${path}, got ${error.code ?? error.message}; ` +
            'it listens there when it runs with --control-socket and this path',
        ),
      );
    });
    socket.once('end', () => {
      const reply: unknown = text === '' ? { error: 'the master ended before it answered' } : JSON.parse(text);
      if (typeof reply !== 'object' || reply === null) reject(new Error(`expected an object, got ${text}`));
      else if ('error' in reply) reject(new Error(String(reply.error)));
      else resolve('result' in reply ? reply.result : undefined);
    });
  });
