import type { Socket } from 'node:net';

/** Messages of both ends of the route socket: one JSON object a line. */
export const sendJson = (socket: Socket, message: unknown): void => sendText(socket, JSON.stringify(message));

/** Sends what is JSON already: what goes to many is put into words once. */
export const sendText = (socket: Socket, text: string): void => {
  if (socket.writable) socket.write(`${text}\n`);
};

/** Calls back with each whole line, without its line feed; a line that is refused closes the socket. */
export const onTextLines = (socket: Socket, encoding: 'latin1' | 'utf8', accept: (line: string) => boolean): void => {
  let parts: string[] = [];
  socket.setEncoding(encoding);
  socket.on('data', (text: string) => {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      const whole = parts.length > 0 ? parts.join('') + line : line;
      parts = [];
      if (accept(whole)) continue;
      socket.destroy();
      return;
    }
    if (rest) parts.push(rest);
  });
};

/**
 * Hands a message on. The other end is a process of the same platform on a socket that only its user can open, so what
 * it sends has the shape that the domain's types say.
 *
 * @returns whether the line was JSON
 */
export const acceptJson = <Message>(line: string, receive: (message: Message) => void): boolean => {
  let message: Message;
  try {
    message = JSON.parse(line) as Message; // see above
  } catch {
    return false;
  }
  receive(message);
  return true;
};
