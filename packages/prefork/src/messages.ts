/** What a worker counts about itself; sent about once a second. */
export interface Beat {
  readonly prefork: 'beat';
  readonly rssBytes: number;
  /** Answered or being answered, since the worker's start. */
  readonly requests: number;
  readonly active: number;
}

/** From a worker to its master, over the IPC channel. Apps may send messages of their own: those are not looked at. */
export type FromWorker =
  | 'ready'
  | Beat
  /** From a worker that counts nothing. */
  | { readonly prefork: 'alive' }
  /** Please start a replacement, then stop me. */
  | { readonly prefork: 'replace'; readonly reason: string }
  /** A file that the app consists of. */
  | { readonly prefork: 'loaded'; readonly path: string }
  | { readonly prefork: 'log'; readonly level: 'debug' | 'info' | 'warning' | 'error'; readonly text: string };

/** From the master to a worker. */
export interface ToWorker {
  readonly prefork: 'reopen-logs' | 'stop';
}

const kinds: readonly unknown[] = ['beat', 'alive', 'replace', 'log', 'loaded'];

export const isFromWorker = (message: unknown): message is FromWorker =>
  message === 'ready' ||
  (typeof message === 'object' && message !== null && 'prefork' in message && kinds.includes(message.prefork));

export const isToWorker = (message: unknown): message is ToWorker =>
  typeof message === 'object' &&
  message !== null &&
  'prefork' in message &&
  (message.prefork === 'reopen-logs' || message.prefork === 'stop');
