import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { useWording } from '../../../language/language.tsx';
import { Link } from '../../../routing/router.tsx';
import { plainText } from '../activity/plain-text.ts';
import { shiftBetween } from './line-order.ts';
import { requestIdOf } from './log-filter.ts';
import type { LogLine } from './log-lines.ts';

/** As `.log-line` has it. */
const lineHeight = 24;
/** Lines above and below what is seen, so that a scroll finds them there. */
const beyond = 12;

interface LogListProps {
  readonly app: string;
  readonly lines: readonly LogLine[];
  /** The line that the address names. */
  readonly marked?: number | undefined;
  /** Stay at the end while lines come. */
  readonly follows: boolean;
  readonly onFollows: (follows: boolean) => void;
}

/** Lines of one height, of which only those in sight are in the page. */
export const LogList = ({ app, lines, marked, follows, onFollows }: LogListProps) => {
  const { t } = useWording();
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(480);
  useStandStill(box, lines, marked, follows, setTop);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const from = Math.max(0, Math.floor(top / lineHeight) - beyond);
  const shown = lines.slice(from, Math.ceil((top + height) / lineHeight) + beyond);
  return (
    <div
      ref={box}
      className="log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      role="log"
      aria-label={t('logs')}
      aria-live="off"
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        setTop(scrollTop);
        onFollows(scrollTop + clientHeight >= scrollHeight - lineHeight);
      }}
    >
      <div className="log-length" style={{ blockSize: lines.length * lineHeight }}>
        <div className="log-shown" style={{ insetBlockStart: from * lineHeight }}>
          {shown.map((line) => (
            <Line key={line.id} app={app} line={line} marked={line.id === marked} />
          ))}
        </div>
      </div>
    </div>
  );
};

/** Keeps at the end while lines are followed, else keeps what is seen where it is when lines before it come or go. */
const useStandStill = (
  box: { readonly current: HTMLDivElement | null },
  lines: readonly LogLine[],
  marked: number | undefined,
  follows: boolean,
  onScrolled: (top: number) => void,
): void => {
  const last = useRef(lines);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const shift = shiftBetween(last.current, lines);
    last.current = lines;
    if (follows) element.scrollTop = element.scrollHeight;
    else if (shift !== 0) {
      element.scrollTop += shift * lineHeight;
      onScrolled(element.scrollTop);
    }
  }, [box, lines, follows, onScrolled]);
  useLayoutEffect(() => {
    const at = lines.findIndex(({ id }) => id === marked);
    const element = box.current;
    if (at >= 0 && element !== null) element.scrollTop = (at + 0.5) * lineHeight - element.clientHeight / 2;
  }, [box, lines, marked]);
};

const timeOf = (at: string): string => {
  const time = new Date(at);
  const two = (n: number, digits = 2): string => String(n).padStart(digits, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${two(time.getMilliseconds(), 3)}`;
};

interface LineProps {
  readonly app: string;
  readonly line: LogLine;
  readonly marked: boolean;
}

const Line = ({ app, line: { id, at, source, dyno, level, text }, marked }: LineProps) => (
  <div className={`log-line ${level}${marked ? ' marked' : ''}`}>
    <Link to={`/apps/${app}/logs/${id}`} className="log-time" title={at}>
      <time dateTime={at}>{timeOf(at)}</time>
    </Link>
    <span className={`log-dyno ${source}`}>{dyno}</span>
    {(level === 'error' || level === 'warning') && <span className="log-level">{level}</span>}
    <span className="log-text">
      <WithRequest app={app} text={plainText(text)} />
    </span>
  </div>
);

/** The text of a line, in which a request's id leads to all lines of that request. */
export const WithRequest = ({ app, text }: { readonly app: string; readonly text: string }): ReactNode => {
  const id = requestIdOf(text);
  if (id === undefined) return text;
  const at = text.indexOf(`request_id=${id}`) + 'request_id='.length;
  return (
    <>
      {text.slice(0, at)}
      <Link to={`/apps/${app}/logs?request_id=${id}`}>{id}</Link>
      {text.slice(at + id.length)}
    </>
  );
};
