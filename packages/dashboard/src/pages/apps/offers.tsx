import { useAppTransfers } from '../../api/add-on-queries.ts';
import type { AppTransfer } from '../../api/add-on-shapes.ts';
import { useChange } from '../../api/change.ts';
import { useAccount } from '../../api/queries.ts';
import { useWording } from '../../language/language.tsx';
import { useAnnounce } from '../../parts/announcements.tsx';
import { Button } from '../../parts/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Card } from '../../parts/section.tsx';

/** Apps that somebody wants to give to whoever is signed in; nothing when there are none. */
export const Offers = () => {
  const { t } = useWording();
  const { data: account } = useAccount();
  const { data: transfers = [] } = useAppTransfers();
  const offered = transfers.filter(({ state, recipient }) => state === 'pending' && recipient.email === account?.email);
  if (offered.length === 0) return null;
  return (
    <Card title={t('offers')}>
      <ul className="rows">
        {offered.map((transfer) => (
          <Offer key={transfer.id} transfer={transfer} />
        ))}
      </ul>
    </Card>
  );
};

const Offer = ({ transfer: { id, app, owner } }: { readonly transfer: AppTransfer }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const end = useChange<AppTransfer>(undefined, ({ state }) =>
    announce(t(state === 'accepted' ? 'transferAccepted' : 'transferDeclined', { name: app.name })),
  );
  const answer = (state: AppTransfer['state']): void =>
    end.mutate({ method: 'PATCH', path: `/account/app-transfers/${id}`, body: { state } });
  return (
    <li className="row wraps">
      <Icon name="app" />
      <span className="row-main">
        <bdi className="strong">{app.name}</bdi>
        <bdi className="soft small-text">{owner.email}</bdi>
      </span>
      <div className="actions">
        <Button small kind="primary" busy={end.isPending} onClick={() => answer('accepted')}>
          {t('acceptApp', { name: app.name })}
        </Button>
        <Button small busy={end.isPending} onClick={() => answer('declined')}>
          {t('declineApp', { name: app.name })}
        </Button>
      </div>
      <Problem error={end.error} />
    </li>
  );
};
