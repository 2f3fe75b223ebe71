import { spawn } from 'node:child_process';
import { stuckOrphanLimitMs } from './worker/orphan-limits.ts';

/**
 * Reads `+ PID` and `- PID`; at the end of its input it waits, then kills those that are left. A pid that has another
 * process by then, as its time of start in /proc tells, is left alone.
 */
const script = `
started() { read -r line < "/proc/$1/stat" && set -- \${line##*) } && echo "\${20}"; } 2>/dev/null
left=
while read -r sign pid; do
  kept=
  for each in $left; do [ "\${each%%:*}" = "$pid" ] || kept="$kept $each"; done
  left=$kept
  [ "$sign" = - ] || left="$left $pid:$(started "$pid")"
done
[ -z "$left" ] || sleep ${stuckOrphanLimitMs / 1_000}
for each in $left; do
  [ "$each" != "\${each%%:*}:$(started "\${each%%:*}")" ] || kill -9 "\${each%%:*}"
done`;

/** A small process that ends workers which are stuck when their master is killed; a thread in each worker would need ten times its memory. */
export interface OrphanSentinel {
  add(pid: number): void;
  remove(pid: number): void;
  close(): void;
}

export const startOrphanSentinel = (): OrphanSentinel => {
  // A session of its own: what ends a terminal's processes must not end this one first.
  const shell = spawn('/bin/sh', ['-c', 'eval "$SENTINEL"', 'prefork-sentinel'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    // In lists of processes the script would fill a screen.
    env: { PATH: process.env.PATH, SENTINEL: script },
  });
  // Without it workers still leave by themselves, unless they are stuck.
  shell.on('error', () => undefined).unref();
  shell.stdin.on('error', () => undefined);
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return {
    add: (pid) => void shell.stdin.write(`+ ${pid}\n`),
    remove: (pid) => void shell.stdin.write(`- ${pid}\n`),
    close: () => void shell.stdin.end(),
  };
};
