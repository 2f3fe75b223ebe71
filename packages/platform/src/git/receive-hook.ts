import { createInterface } from 'node:readline';
import type { Duplex, Writable } from 'node:stream';
import { decidePush, type RefUpdate } from './push-rules.ts';

/** A push that moves a deployed branch; its objects are readable only with `env` until it is accepted. */
export interface Push {
  readonly repoFolder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly branch: string;
  readonly oldSha: string;
  readonly newSha: string;
}

export type Verdict = 'accepted' | 'rejected';

/**
 * What is written to `output` is shown to the pusher. `signal` aborts with {@link PusherGone} when nobody waits for the
 * answer; the ref still moves if it is 'accepted'. It aborts with another reason when Ravine stops.
 */
export type OnPush = (push: Push, output: Writable, signal: AbortSignal) => Promise<Verdict>;

/** Why a push is given up: nobody waits for its answer any more. */
export class PusherGone extends Error {
  override readonly name = 'PusherGone';

  constructor() {
    super('The pusher went away.');
  }
}

/** The hook's descriptors 3 and 4. */
export interface HookStreams {
  /** In: a value for each of {@link quarantineVariables}, git's lines of refs, an empty line. Out: what the pusher reads. */
  readonly talk: Duplex;
  /** Out: one line, a {@link Verdict}. */
  readonly verdict: Duplex;
}

export interface ReceiveHookOptions {
  /** From here on no push begins, and connections end because Ravine does, not because pushers leave. */
  readonly stopping: AbortSignal;
  /** An `onPush` that threw: the pusher was told only that something went wrong. */
  readonly onError: (error: unknown) => void;
}

/** What makes objects in quarantine readable. */
const quarantineVariables = ['GIT_QUARANTINE_PATH', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES'];

const busyMessage = [
  ' !     Another push to this app is being built.',
  ' !     Wait until it has ended, or cancel that build, then push again.',
  '',
].join('\n');

const faultMessage = ' !     Something went wrong in Ravine; its own log says what. Push again.\n';

interface Asked {
  readonly env: Readonly<Record<string, string>>;
  readonly updates: readonly RefUpdate[];
}

/** Undefined when git ended without asking. */
const readAsked = async (talk: Duplex): Promise<Asked | undefined> => {
  const lines: string[] = [];
  for await (const line of createInterface({ input: talk })) {
    if (lines.length < quarantineVariables.length || line !== '') lines.push(line);
    else return parseAsked(lines);
  }
  return undefined;
};

const parseAsked = (lines: readonly string[]): Asked => ({
  env: Object.fromEntries(
    quarantineVariables.flatMap((name, index) => {
      const value = lines[index];
      return value ? [[name, value]] : [];
    }),
  ),
  updates: lines.slice(quarantineVariables.length).map((line) => {
    const [oldSha = '', newSha = '', ...ref] = line.split(' ');
    return { oldSha, newSha, ref: ref.join(' ') };
  }),
});

/** Control's end of the hook `pre-receive`: one push a repository at a time. */
export class ReceiveHook implements Disposable {
  readonly #options: ReceiveHookOptions;
  readonly #open = new Map<AbortController, HookStreams>();
  readonly #busy = new Set<string>();

  constructor(options: ReceiveHookOptions) {
    this.#options = options;
  }

  /** Answers what the hook of one git process asks, if it asks. @returns what to call when the pusher is gone */
  answer(repoFolder: string, streams: HookStreams, onPush: OnPush): () => void {
    const gone = new AbortController();
    this.#open.set(gone, streams);
    for (const stream of [streams.talk, streams.verdict]) stream.on('error', () => {});
    void this.#converse(repoFolder, streams, (push) => onPush(push, streams.talk, gone.signal)).finally(() => {
      this.#open.delete(gone);
    });
    return () => {
      if (!this.#options.stopping.aborted) gone.abort(new PusherGone());
    };
  }

  async #converse(
    repoFolder: string,
    { talk, verdict }: HookStreams,
    onPush: (push: Push) => Promise<Verdict>,
  ): Promise<void> {
    let answer: Verdict | undefined;
    try {
      const asked = await readAsked(talk);
      if (asked && !this.#options.stopping.aborted) answer = await this.#decide(repoFolder, asked, talk, onPush);
    } catch (error) {
      this.#options.onError(error);
      talk.write(faultMessage);
      answer = 'rejected';
    }
    talk.end();
    verdict.end(answer && `${answer}\n`);
  }

  async #decide(
    repoFolder: string,
    { env, updates }: Asked,
    output: Writable,
    onPush: (push: Push) => Promise<Verdict>,
  ): Promise<Verdict> {
    const decision = decidePush(updates);
    if (decision.kind !== 'build') {
      output.write(decision.message);
      return decision.kind === 'skip' ? 'accepted' : 'rejected';
    }
    if (this.#busy.has(repoFolder)) {
      output.write(busyMessage);
      return 'rejected';
    }
    this.#busy.add(repoFolder);
    try {
      const { branch, oldSha, newSha } = decision;
      return await onPush({ repoFolder, env, branch, oldSha, newSha });
    } finally {
      this.#busy.delete(repoFolder);
    }
  }

  /** Ends every push under way as if Ravine had stopped. */
  close(): void {
    for (const [gone, { talk, verdict }] of this.#open) {
      talk.destroy();
      verdict.destroy();
      gone.abort(new Error('Ravine stops.'));
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
