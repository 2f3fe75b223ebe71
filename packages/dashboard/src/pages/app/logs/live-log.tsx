import { useMemo, useState } from 'react';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Status } from '../../../parts/status.tsx';
import { heldLines, placeOf } from './line-order.ts';
import type { LogLine } from './log-lines.ts';
import { LogList } from './log-list.tsx';
import { useLiveLines } from './use-live-lines.ts';

/** The lines that match and those that are written now; a pause holds what is seen, and nothing is lost by it. */
export const LiveLog = ({ app, query }: { readonly app: string; readonly query: string }) => {
  const { t } = useWording();
  const [held, setHeld] = useState<readonly LogLine[]>();
  const [follows, setFollows] = useState(true);
  const isLive = held === undefined;
  const reading = !isLive || !follows;
  const { lines, connected, whole, error, atBeginning, older, fetching } = useLiveLines(app, query, reading);
  const shown = useMemo(() => (held === undefined ? lines : heldLines(held, lines)), [held, lines]);
  const missed = held === undefined ? 0 : lines.length - placeOf(lines, (held.at(-1)?.id ?? -1) + 1);
  return (
    <>
      <div className="log-bar">
        <Status tone={isLive && connected ? 'good' : 'warn'}>
          {t(connected ? (isLive ? 'live' : 'paused') : 'reconnecting')}
        </Status>
        <span className="soft small-text">
          {isLive ? t('linesShown', { n: shown.length }) : t('newLines', { n: missed })}
        </span>
        <span className="actions">
          {atBeginning ? (
            <span className="soft small-text">{t('oldestReached')}</span>
          ) : (
            <Button small kind="quiet" busy={fetching} disabled={lines.length === 0} onClick={() => void older()}>
              {t('olderLines')}
            </Button>
          )}
          {isLive && !follows && (
            <Button small kind="quiet" onClick={() => setFollows(true)}>
              {t('toLatest')}
            </Button>
          )}
          <Button small onClick={() => setHeld(isLive ? lines : undefined)}>
            {t(isLive ? 'pause' : 'goOn')}
          </Button>
        </span>
      </div>
      <Problem error={error} />
      {shown.length > 0 ? (
        <LogList app={app} lines={shown} follows={isLive && follows} onFollows={setFollows} />
      ) : (
        <div aria-busy={!whole} className="log-none">
          {whole && error === undefined && (
            <Empty
              icon="search"
              title={t(query === '' ? 'noLogLines' : 'noMatchingLines')}
              {...(query === '' ? { text: t('noLogLinesText') } : {})}
            />
          )}
        </div>
      )}
    </>
  );
};
