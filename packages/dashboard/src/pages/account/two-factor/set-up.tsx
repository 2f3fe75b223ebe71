import { type FormEvent, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { Copyable } from '../../../parts/copyable.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import { CodeField, PasswordField } from './proof-fields.tsx';
import { QrCode } from './qr-code.tsx';
import { type Offer, type RecoveryCodes, twoFactorPath } from './two-factor.ts';

type OnCodes = (codes: readonly string[]) => void;

/** The password, then the secret in an authenticator, then a code of it. */
export const SetUp = ({ onCodes }: { readonly onCodes: OnCodes }) => {
  const { t } = useWording();
  const [password, setPassword] = useState('');
  const offer = useChange<Offer>(undefined);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    offer.mutate({ method: 'POST', path: twoFactorPath, body: { password } });
  };
  if (offer.data !== undefined) return <Confirm offer={offer.data} onCodes={onCodes} />;
  return (
    <Card title={t('setUpTwoFactor')} text={t('twoFactorText')}>
      <form className="stack narrow padded" onSubmit={send}>
        <PasswordField value={password} onChange={setPassword} />
        <Problem error={offer.error} />
        <div className="actions">
          <Button kind="primary" type="submit" busy={offer.isPending} disabled={password === ''}>
            {t('goOn')}
          </Button>
        </div>
      </form>
    </Card>
  );
};

const Confirm = ({ offer, onCodes }: { readonly offer: Offer; readonly onCodes: OnCodes }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [code, setCode] = useState('');
  const confirm = useChange<RecoveryCodes>('account', ({ recovery_codes: codes }) => {
    onCodes(codes);
    announce(t('twoFactorIsOn'));
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    confirm.mutate({ method: 'POST', path: `${twoFactorPath}/confirm`, body: { code } });
  };
  return (
    <Card title={t('scanThis')} text={t('scanThisText')}>
      <div className="two-factor padded">
        <QrCode text={offer.otpauth_url} label={t('qrCode')} />
        <div className="stack">
          <div>
            <p className="small-text strong">{t('orTypeThis')}</p>
            <Copyable text={offer.secret} />
          </div>
          <form className="stack" onSubmit={send}>
            <CodeField label={t('codeItShows')} value={code} onChange={setCode} />
            <Problem error={confirm.error} />
            <div className="actions">
              <Button kind="primary" type="submit" busy={confirm.isPending} disabled={code === ''}>
                {t('turnOn')}
              </Button>
            </div>
          </form>
        </div>
      </div>
    </Card>
  );
};
