import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Cgroup } from '../cgroup/cgroup.ts';
import { waitForMemoryAbove } from './memory-watch.ts';

/** Under what all processes of one build run. */
export interface BuildSandbox {
  /** Unix uid and gid for the scripts; undefined: Ravine's own. */
  readonly uid: number | undefined;
  readonly cgroup: Cgroup | undefined;
  /** Watched from here where there is no cgroup to hold it. */
  readonly memoryBytes: number;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface BuildCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Gets stdout and stderr as one. */
  readonly output: Writable;
  /** Stdout goes to the result in place of `output`. */
  readonly capture?: boolean;
}

export interface BuildCommandResult {
  /** 128 + N after signal N. */
  readonly exitCode: number;
  readonly captured: string;
  /** Whether it was killed, or lost a process, for want of memory. */
  readonly outOfMemory: boolean;
}

/** Of the process, and of its session where the kernel weighs whole sessions (sched(7), autogroup). */
const niceness = 10;

/**
 * Waits for a go-ahead on stdin (by then limits are set), leaves behind a watcher and becomes the command.
 * The watcher ends the process group when stdin ends: after the command, and when Ravine itself is killed.
 */
const launcher = `
read -r go || exit 125
{ echo ${niceness} >/proc/self/autogroup; } 2>/dev/null
exec 3<&0 0</dev/null
(while read -r more <&3; do :; done; kill -KILL -$$) >/dev/null 2>&1 &
exec 3<&-
[ "$1" = merge ] && exec 2>&1
shift
exec "$@"
`;

const captureLimit = 1024 * 1024;
const escapedOutputGraceMs = 1000;
const signalBase = 128;

let idlePriority: Promise<string[]> | undefined;

const findIdlePriority = (): Promise<string[]> => {
  const ionice = '/usr/bin/ionice';
  idlePriority ??= access(ionice).then(
    () => [ionice, '-c', '3', '-t'],
    () => [],
  );
  return idlePriority;
};

const copyTo = async (source: Readable, output: Writable): Promise<void> => {
  for await (const chunk of source) {
    if (!output.write(chunk) && !output.destroyed) await Promise.race([once(output, 'drain'), once(output, 'close')]);
  }
};

const collect = async (source: Readable): Promise<string> => {
  let text = '';
  source.setEncoding('utf8');
  for await (const chunk of source) if (text.length < captureLimit) text += chunk;
  return text;
};

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All gone already.
  }
};

/** Runs one command of a build to its end; after an abort every process of it is killed and the abort's reason thrown. */
export const runBuildCommand = async (command: BuildCommand, sandbox: BuildSandbox): Promise<BuildCommandResult> => {
  sandbox.signal.throwIfAborted();
  const argv = [...(await findIdlePriority()), ...command.argv];
  const child = spawn('/bin/sh', ['-c', launcher, 'sh', command.capture ? 'apart' : 'merge', ...argv], {
    cwd: command.cwd,
    env: sandbox.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    ...(sandbox.uid !== undefined && { uid: sandbox.uid, gid: sandbox.uid }),
  });
  const { pid } = child;
  if (pid === undefined) {
    const [error] = await once(child, 'error');
    throw error;
  }
  const exited = once(child, 'exit');
  child.stdin.on('error', () => {});
  const abort = (): void => killGroup(pid);
  sandbox.signal.addEventListener('abort', abort);
  const ended = new AbortController();
  let outOfMemory = false;
  if (!sandbox.cgroup) {
    void waitForMemoryAbove(pid, sandbox.memoryBytes, ended.signal).then((above) => {
      outOfMemory = above;
      if (above) killGroup(pid);
    });
  }
  try {
    const outputs = Promise.all([
      command.capture ? collect(child.stdout) : copyTo(child.stdout, command.output).then(() => ''),
      copyTo(child.stderr, command.output),
    ]);
    outputs.catch(() => {});
    sandbox.cgroup?.add(pid);
    setPriority(pid, niceness);
    child.stdin.write('go\n');
    // The exit event's arguments: one of them is null.
    const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null];
    child.stdin.end();
    // A process that left the group may hold the pipes open; it has had its say.
    const grace = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, escapedOutputGraceMs);
    const [captured] = await outputs.catch(() => ['']);
    clearTimeout(grace);
    sandbox.signal.throwIfAborted();
    outOfMemory ||= sandbox.cgroup?.outOfMemoryKilled() ?? false;
    const exitCode = code ?? signalBase + (constants.signals[signal ?? 'SIGKILL'] ?? 0);
    return { exitCode, captured: captured ?? '', outOfMemory };
  } finally {
    ended.abort();
    sandbox.signal.removeEventListener('abort', abort);
    killGroup(pid);
  }
};
