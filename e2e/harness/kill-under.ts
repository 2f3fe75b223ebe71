import { setImmediate as immediately } from 'node:timers/promises';
import type { Visit } from './load.ts';
import { untilGone } from './processes.ts';

/** Kills a process; answers every visit that was under way at any time until it was gone. */
export const killUnder = async (load: { inFlight(): readonly Visit[] }, pid: number): Promise<ReadonlySet<Visit>> => {
  const exposed = new Set(load.inFlight());
  process.kill(pid, 'SIGKILL');
  const watch = setInterval(() => {
    for (const visit of load.inFlight()) exposed.add(visit);
  }, 1);
  await untilGone(pid);
  // Until the client has polled its sockets it doesn't know which connections are gone, and sends on.
  await immediately();
  await immediately();
  clearInterval(watch);
  for (const visit of load.inFlight()) exposed.add(visit);
  return exposed;
};
