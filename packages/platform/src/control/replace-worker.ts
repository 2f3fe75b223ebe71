import { routeSpeech } from '../domain/route-snapshot.ts';

/**
 * Ends a router worker that runs other code than control, which happens when an update was installed and only control
 * has been started since: it lets its requests end, and the supervisor starts another one from the code on disk.
 * @param speaks the form of routes that it understands
 */
export const replaceWorker =
  (log: (text: string) => void) =>
  (pid: number, speaks: number): void => {
    log(
      `router worker ${pid} understands routes in form ${speaks}, control sends form ${routeSpeech}: it is replaced; if this repeats, restart \`ravine up\``,
    );
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has just ended by itself.
    }
  };
