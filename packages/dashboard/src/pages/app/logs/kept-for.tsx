import { useQuery } from '@tanstack/react-query';
import { useWording } from '../../../language/language.tsx';
import { searchLines } from './log-lines.ts';

/** How far back the log reaches at most: what the machine is set to. */
export const KeptFor = ({ app }: { readonly app: string }) => {
  const { t, days, bytes } = useWording();
  const { data } = useQuery({
    queryKey: ['log', app, 'kept'],
    queryFn: ({ signal }) => searchLines(app, 'limit=1', signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data === undefined) return null;
  return (
    <p className="soft small-text log-kept">
      {t('logsKept', { days: days(data.kept.days), size: bytes(data.kept.bytes) })}
    </p>
  );
};
