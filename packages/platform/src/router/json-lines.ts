import type { Socket } from 'node:net';

/** Messages of both ends of the route socket: one JSON object a line. */
export const sendJson = (socket: Socket, message: unknown): void => {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
};

/**
 * Calls back with each whole message. The other end is a process of the same platform on a socket that only its
 * user can open, so what it sends has the shape that the domain's types say; a line that isn't JSON closes the socket.
 */
export const onJson = <Message>(socket: Socket, receive: (message: Message) => void): void => {
  let parts: string[] = [];
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      const whole = parts.length > 0 ? parts.join('') + line : line;
      parts = [];
      let message: Message;
      try {
        message = JSON.parse(whole) as Message; // see above
      } catch {
        socket.destroy();
        return;
      }
      receive(message);
    }
    if (rest) parts.push(rest);
  });
};
