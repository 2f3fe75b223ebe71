import type { IncomingMessage, ServerResponse } from 'node:http';

/** Something that looks at each request; opened only when a setting asks for it. */
export interface Observer {
  /** It has nothing to do for a request that is answered at once with a file that everybody may have. */
  readonly mayMissFiles?: boolean;
  /** Before the app; true when it has answered and the app shall not see the request. */
  start?(request: IncomingMessage, response: ServerResponse): boolean;
  /** Once the response is sent or the client is gone. */
  end?(request: IncomingMessage, response: ServerResponse, durationMs: number): void;
  /**
   * Opens its file again.
   * @throws Error when that fails; it then goes on as before.
   */
  reopen?(): void;
  /** Writes what is waiting. */
  close?(): Promise<void>;
}
