import type { Socket } from 'node:net';

/** Longest request line that is looked at before the socket counts as HTTP and the HTTP parser judges it. */
const longestLine = 1_024;

const space = 0x20;
const lineFeed = 0x0a;

/**
 * Reads just enough of a socket to tell HTTP from a rendezvous line. HTTP's first line always has a space in it
 * (RFC 9112 section 3) and a rendezvous secret never has. Bytes that belong to what follows go back to the socket,
 * which is left paused.
 */
export const readFirstLine = (
  socket: Socket,
  timeoutMs: number,
  found: (line: { readonly kind: 'http' } | { readonly kind: 'rendezvous'; readonly secret: string }) => void,
): void => {
  let seen: Buffer = Buffer.alloc(0);
  const drop = (): void => {
    socket.destroy();
  };
  const decide = (): void => {
    socket.off('data', take).off('end', drop).off('timeout', drop).off('error', drop);
    socket.setTimeout(0);
    socket.pause();
  };
  const take = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const end = seen.indexOf(lineFeed);
    const line = end < 0 ? seen : seen.subarray(0, end);
    const text = line.toString('latin1').trimEnd();
    if (line.includes(space) || seen.length > longestLine || (end >= 0 && text === '')) {
      decide();
      socket.unshift(seen);
      found({ kind: 'http' });
    } else if (end >= 0) {
      decide();
      if (end + 1 < seen.length) socket.unshift(seen.subarray(end + 1));
      found({ kind: 'rendezvous', secret: text });
    }
  };
  socket.setTimeout(timeoutMs);
  socket.on('timeout', drop).on('error', drop).on('end', drop).on('data', take);
};
