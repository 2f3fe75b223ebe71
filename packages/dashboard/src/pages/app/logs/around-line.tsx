import { useQuery } from '@tanstack/react-query';
import { useWording } from '../../../language/language.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Link } from '../../../routing/router.tsx';
import { plainText } from '../activity/plain-text.ts';
import { requestIdOf } from './log-filter.ts';
import { searchLines } from './log-lines.ts';
import { LogList, WithRequest } from './log-list.tsx';

const around = 300;
const nothing = (): void => undefined;

/** One line in full, and those that were written before and after it. */
export const AroundLine = ({ app, id }: { readonly app: string; readonly id: number }) => {
  const { t, dateTime } = useWording();
  const { data: lines, error } = useQuery({
    queryKey: ['log', app, id],
    queryFn: async ({ signal }) => {
      const [before, after] = await Promise.all([
        searchLines(app, `before=${id + 1}&limit=${around}`, signal),
        searchLines(app, `after=${id}&limit=${around}`, signal),
      ]);
      return before.lines.concat(after.lines);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const line = lines?.find((one) => one.id === id);
  const requestId = line === undefined ? undefined : requestIdOf(line.text);
  return (
    <>
      <div className="log-bar">
        <span className="soft small-text">{line === undefined ? t('aroundLine') : dateTime(line.at)}</span>
        <span className="actions">
          {requestId !== undefined && (
            <Link className="button quiet small" to={`/apps/${app}/logs?request_id=${requestId}`}>
              {t('linesOfRequest')}
            </Link>
          )}
          <Link className="button small" to={`/apps/${app}/logs`}>
            {t('backToLive')}
          </Link>
        </span>
      </div>
      <Problem error={error} />
      {line !== undefined && (
        <p className="log-whole ltr">
          <WithRequest app={app} text={plainText(line.text)} />
        </p>
      )}
      {lines !== undefined && line === undefined && <p className="soft padded">{t('lineGone')}</p>}
      {lines !== undefined && <LogList app={app} lines={lines} marked={id} follows={false} onFollows={nothing} />}
    </>
  );
};
