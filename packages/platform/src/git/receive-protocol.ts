/** One ref of a push, as git hands it to the hook; an all-zero id stands for "none". */
export interface RefUpdate {
  readonly oldSha: string;
  readonly newSha: string;
  readonly ref: string;
}

/** Hook -> control: one JSON line, once. */
export interface ReceiveRequest {
  readonly repoFolder: string;
  /** What `serveGit` was given: who pushes to which app. */
  readonly context: string;
  /** Who waits for the answer, as `Pushers` knows them. */
  readonly pusher: string;
  /** git's variables that make objects in quarantine readable. */
  readonly env: Readonly<Record<string, string>>;
  readonly updates: readonly RefUpdate[];
}

/** Control -> hook: JSON lines; `verdict` is the last one. */
export type ReceiveReply = { readonly output: string } | { readonly verdict: 'accepted' | 'rejected' };

/** The variables through which `serveGit` reaches the hook. */
export const receiveVariables = {
  socket: 'RAVINE_RECEIVE_SOCKET',
  context: 'RAVINE_PUSH_CONTEXT',
  pusher: 'RAVINE_PUSHER',
  node: 'RAVINE_NODE',
} as const;

export const isNoSha = (sha: string): boolean => /^0+$/.test(sha);
