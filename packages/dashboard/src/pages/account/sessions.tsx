import { useMutation, useQueryClient } from '@tanstack/react-query';
import { askAnew } from '../../api/anew.ts';
import { useSessions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import { useWording } from '../../language/language.tsx';
import { useAnnounce } from '../../parts/announcements.tsx';
import { Button } from '../../parts/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Section } from '../../parts/section.tsx';
import { Status } from '../../parts/status.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';

/** Browsers that are signed in. */
export const Sessions = () => {
  const { t } = useWording();
  const announce = useAnnounce();
  const queries = useQueryClient();
  const { data: sessions = [], error } = useSessions();
  const others = sessions.filter(({ current }) => !current).map(({ id }) => id);
  const end = useMutation({
    mutationFn: async (ids: readonly string[]) => {
      for (const id of ids) await ask('DELETE', `/oauth/sessions/${id}`);
    },
    onSuccess: () => announce(t('signedOutThere')),
    onSettled: () => askAnew(queries, { queryKey: ['account', 'sessions'] }),
  });
  return (
    <Section title={t('sessions')} text={t('sessionsText')}>
      <Problem error={error ?? end.error} />
      <ul className="rows">
        {sessions.map(({ id, description, current, created_at: at }) => (
          <li key={id} className="row">
            <span className="row-main">
              <span>
                <bdi className="strong">{description}</bdi> {current && <Status tone="good">{t('thisBrowser')}</Status>}
              </span>
              <span className="soft small-text">
                {t('signedIn')} <TimeAgo time={at} />
              </span>
            </span>
            {!current && (
              <button
                type="button"
                className="icon-button"
                aria-label={t('signOutThis', { name: description })}
                onClick={() => end.mutate([id])}
              >
                <Icon name="close" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <div className="actions">
          <Button busy={end.isPending} onClick={() => end.mutate(others)}>
            {t('signOutElsewhere')}
          </Button>
          <p className="soft small-text">{t('tokensStay')}</p>
        </div>
      )}
    </Section>
  );
};
