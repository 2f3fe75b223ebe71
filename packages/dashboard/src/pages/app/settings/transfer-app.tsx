import { type FormEvent, useState } from 'react';
import { useAppTransfers } from '../../../api/add-on-queries.ts';
import type { AppTransfer } from '../../../api/add-on-shapes.ts';
import { useChange } from '../../../api/change.ts';
import { useAccount } from '../../../api/queries.ts';
import type { App } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { TextField } from '../../../parts/field.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Section } from '../../../parts/section.tsx';

/** The owner offers the app to another account, and may take the offer back until it is accepted. */
export const TransferApp = ({ app }: { readonly app: App }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const { data: account } = useAccount();
  const { data: transfers = [], error } = useAppTransfers();
  const [recipient, setRecipient] = useState('');
  const offer = useChange<AppTransfer>(app.name, ({ recipient: { email } }) => {
    setRecipient('');
    announce(t('transferOffered', { name: app.name, email }));
  });
  const withdraw = useChange(app.name);
  const pending = transfers.find((one) => one.app.id === app.id && one.state === 'pending');
  if (account?.email !== app.owner.email) return null;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    const body = { app: app.name, recipient };
    if (recipient !== '') offer.mutate({ method: 'POST', path: '/account/app-transfers', body });
  };
  return (
    <Section title={t('transferApp')} text={t('transferAppText')}>
      {pending === undefined ? (
        <form className="inline-form" onSubmit={send}>
          <TextField
            label={t('recipient')}
            type="email"
            placeholder="ann@example.com"
            className="input ltr"
            autoComplete="off"
            value={recipient}
            onChange={(event) => setRecipient(event.target.value.trim())}
          />
          <Button type="submit" busy={offer.isPending} disabled={recipient === ''}>
            {t('giveApp')}
          </Button>
        </form>
      ) : (
        <div className="actions">
          <p>{t('offeredTo', { email: pending.recipient.email })}</p>
          <Button
            small
            busy={withdraw.isPending}
            onClick={() => withdraw.mutate({ method: 'DELETE', path: `/account/app-transfers/${pending.id}` })}
          >
            {t('takeBackOffer')}
          </Button>
        </div>
      )}
      <Problem error={error ?? offer.error ?? withdraw.error} />
    </Section>
  );
};
