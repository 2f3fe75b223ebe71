import type { AppId } from '../domain/ids.ts';
import type { RouterLine } from '../domain/route-snapshot.ts';

/** A line as it goes over the route socket, in latin1: which app, when, and what. */
export const lineText = ({ appId, atMs, text }: RouterLine): string => `${appId} ${atMs} ${text}\n`;

/** Reads what `lineText` wrote, without its line feed; undefined when it is something else. */
export const parseLine = (line: string): RouterLine | undefined => {
  const afterId = line.indexOf(' ');
  const afterTime = line.indexOf(' ', afterId + 1);
  const atMs = Number(line.slice(afterId + 1, afterTime));
  if (afterId <= 0 || afterTime < 0 || !Number.isSafeInteger(atMs)) return undefined;
  return { appId: line.slice(0, afterId) as AppId, atMs, text: line.slice(afterTime + 1) }; // written by a worker of ours
};
