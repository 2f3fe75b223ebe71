/**
 * Main of the object store: `FOLDER PORT MEDIA_DOMAIN UID`. Detached, so that media outlives control; it runs under a
 * user of its own where we are root, and ends when it is asked to over its socket, or by a signal.
 */
import { once } from 'node:events';
import { runStore } from '../objects/run-store.ts';

const [root = '', port = '', mediaDomain = '', uid = ''] = process.argv.slice(2);
if (process.getuid?.() === 0 && uid !== '') {
  process.setgroups?.([]);
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}
process.umask(0o077);
const onFault = (error: unknown): void =>
  void process.stderr.write(`${new Date().toISOString()} ${error instanceof Error ? error.stack : String(error)}\n`);
try {
  const store = await runStore({ root, port: Number(port), mediaDomain: mediaDomain || undefined, onFault });
  await Promise.race([store.stopAsked, once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  await store[Symbol.asyncDispose]();
  process.exit(0);
} catch (error) {
  onFault(error);
  process.exit(1);
}
