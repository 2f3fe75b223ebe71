import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { forbidden, invalidParams, type PlatformError } from '../contract/platform-error.ts';
import type { RunSessions } from '../run-sessions/run-sessions.ts';
import type { Database } from '../store/database.ts';
import { openingOf } from '../wire/websocket/handshake.ts';
import { WebSocketStream } from '../wire/websocket/web-socket-stream.ts';
import { authenticate } from './authenticate.ts';
import { isSameOrigin } from './same-origin.ts';
import { renderError, toPlatformError } from './send-answer.ts';
import { TerminalClient } from './terminal-client.ts';

const { STATUS_CODES } = process.getBuiltinModule('node:http');

interface Uses {
  readonly db: Database;
  readonly sessions: Pick<RunSessions, 'attach'>;
  readonly onFault: (error: unknown) => void;
}

const path = '/attach';
/** From the handshake to the secret. */
const secretTimeoutMs = 10_000;

/**
 * `/attach`: a WebSocket for what can't speak the protocol of `heroku run`, such as the dashboard. Only who is signed in may
 * open one, and the dyno is the one whose secret is the first message.
 */
export const dynoTerminal = ({ db, sessions, onFault }: Uses) => {
  const serve = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const opening = openingOf(request);
    if (opening === undefined) throw invalidParams('Expected a WebSocket handshake of RFC 6455, version 13.');
    await authenticate(db, credentialsOf(request));
    request.socket.setKeepAlive(true, 60_000);
    socket.write(opening);
    const client: TerminalClient = new TerminalClient(
      (onText) => new WebSocketStream(socket, head, onText),
      (secret) => {
        clearTimeout(patience);
        const found = sessions.attach(client, secret);
        if (!found) client.refuse('No dyno waits for this secret: it was used, or the dyno has ended.');
      },
    );
    const patience = setTimeout(() => client.refuse('Expected the secret of a dyno.'), secretTimeoutMs).unref();
  };

  return {
    asked: (request: IncomingMessage): boolean =>
      request.headers.upgrade?.toLowerCase() === 'websocket' && request.url?.split('?')[0] === path,
    open: (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      socket.on('error', () => {});
      serve(request, socket, head).catch((error: unknown) => {
        const known = toPlatformError(error);
        if (known.status === 500) onFault(error);
        refuse(socket, known);
      });
    },
  };
};

/** Browsers can't give a WebSocket the header that goes with the dashboard's cookie, but always say from what page it comes. */
const credentialsOf = ({ headers }: IncomingMessage): IncomingMessage['headers'] => {
  if (headers.authorization !== undefined) return headers;
  if (headers.origin === undefined || !isSameOrigin(headers))
    throw forbidden('A terminal is opened from the dashboard itself, or with an Authorization header.');
  return { ...headers, 'x-ravine-dashboard': '1' };
};

const refuse = (socket: Duplex, error: PlatformError): void => {
  const { status, headers, body } = renderError(error);
  const fields = { ...headers, 'content-length': body.length, connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`);
  socket.end(body);
};
