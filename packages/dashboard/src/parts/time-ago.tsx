import { useSyncExternalStore } from 'react';
import { useWording } from '../language/language.tsx';

const everyMs = 20_000;
let nowMs = Date.now();
const listeners = new Set<() => void>();
let timer: number | undefined;

/** One clock for all times on the page; it stands while nobody looks at it. */
const subscribe = (tell: () => void): (() => void) => {
  listeners.add(tell);
  nowMs = Date.now();
  timer ??= window.setInterval(() => {
    nowMs = Date.now();
    for (const listener of listeners) listener();
  }, everyMs);
  return () => {
    listeners.delete(tell);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
};

/** How long ago something was; the exact time is in the tooltip. */
export const TimeAgo = ({ time }: { readonly time: string }) => {
  const { ago, dateTime } = useWording();
  const now = useSyncExternalStore(subscribe, () => nowMs);
  return (
    <time dateTime={time} title={dateTime(time)}>
      {ago(time, now)}
    </time>
  );
};
