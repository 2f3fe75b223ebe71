import type { Socket } from 'node:net';
import { exitStatusMarker } from './exit-status.ts';
import { type SessionClient, write } from './session-client.ts';

/** The official client, on a TLS connection of its own: all that it is told is in the stream. */
export class RendezvousClient implements SessionClient {
  readonly connection: Socket;

  constructor(socket: Socket) {
    // Without a listener a client's reset would end the process.
    socket.on('error', () => {});
    this.connection = socket;
  }

  greet(): Promise<void> {
    this.connection.setNoDelay(true);
    this.connection.setKeepAlive(true, 60_000);
    // The client throws away the first chunk whole, so the output must not share a record with it.
    return write(this.connection, 'rendezvous\r\n');
  }

  async tellExit(exitCode: number, wanted: boolean): Promise<void> {
    if (wanted) await write(this.connection, exitStatusMarker(exitCode));
  }
}
