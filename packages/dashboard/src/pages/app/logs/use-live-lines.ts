import { useCallback, useEffect, useRef, useState } from 'react';
import { append, followLines, type LogLine, searchLines } from './log-lines.ts';

const linesPerStep = 1000;

interface LiveState {
  readonly lines: readonly LogLine[];
  readonly connected: boolean;
  /** The first lines are there, if there are any. */
  readonly whole: boolean;
  readonly error: unknown;
  /** Nothing older is kept. */
  readonly atBeginning: boolean;
}

const nothing: LiveState = { lines: [], connected: false, whole: false, error: undefined, atBeginning: false };

/**
 * The lines that match, as they are written; `older` fetches those before them.
 * @param isRead somebody reads among older ones, which are kept for longer then
 */
export const useLiveLines = (app: string, query: string, isRead: boolean) => {
  const [state, setState] = useState(nothing);
  const [fetching, setFetching] = useState(false);
  const leaving = useRef(new AbortController());
  const reads = useRef(isRead);
  reads.current = isRead;
  useEffect(() => {
    const end = new AbortController();
    leaving.current = end;
    setState(nothing);
    let waiting: readonly LogLine[] = [];
    let frame = 0;
    // Many events make one change of the page.
    const show = (): void => {
      frame = 0;
      const more = waiting;
      waiting = [];
      setState((now) => ({ ...now, whole: true, lines: append(now.lines, more, reads.current) }));
    };
    const listener = {
      onLines: (lines: readonly LogLine[]) => {
        waiting = waiting.concat(lines);
        frame ||= window.setTimeout(show, 50);
      },
      onConnected: (connected: boolean) => {
        setState((now) => (now.connected === connected ? now : { ...now, connected }));
        frame ||= window.setTimeout(show, 50);
      },
    };
    followLines(app, query, listener, end.signal).catch((error: unknown) => {
      if (!end.signal.aborted) setState((now) => ({ ...now, error, whole: true }));
    });
    return () => {
      end.abort();
      window.clearTimeout(frame);
    };
  }, [app, query]);

  const first = state.lines[0]?.id;
  const older = useCallback(async () => {
    if (first === undefined) return;
    const { signal } = leaving.current;
    setFetching(true);
    try {
      const wanted = `before=${first}&limit=${linesPerStep}${query === '' ? '' : `&${query}`}`;
      const { lines, more } = await searchLines(app, wanted, signal);
      setState((now) =>
        now.lines[0]?.id === first ? { ...now, lines: lines.concat(now.lines), atBeginning: !more } : now,
      );
    } catch (error) {
      if (!signal.aborted) setState((now) => ({ ...now, error }));
    } finally {
      setFetching(false);
    }
  }, [app, query, first]);
  return { ...state, older, fetching };
};
