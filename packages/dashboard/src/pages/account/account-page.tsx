import { type FormEvent, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { useAccount } from '../../api/queries.ts';
import type { Account } from '../../api/shapes.ts';
import { useWording } from '../../language/language.tsx';
import { useAnnounce } from '../../parts/announcements.tsx';
import { Button } from '../../parts/button.tsx';
import { TextField } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { PageHead, Section } from '../../parts/section.tsx';
import { useTitle } from '../use-title.ts';
import { Sessions } from './sessions.tsx';
import { Tokens } from './tokens.tsx';
import { TwoFactorSection } from './two-factor-section.tsx';

/** Whoever is signed in: name, password, and where they are signed in. */
export const AccountPage = () => {
  const { t } = useWording();
  useTitle(t('account'));
  const { data: account } = useAccount();
  if (account === undefined || account === null) return null;
  return (
    <>
      <PageHead title={t('account')} />
      <div className="sections">
        <Profile account={account} />
        <Password />
        <TwoFactorSection enabled={account.two_factor_authentication} />
        <Sessions />
        <Tokens />
        <SshKeys />
      </div>
    </>
  );
};

/** Where somebody who comes from Heroku looks for them. */
const SshKeys = () => {
  const { t } = useWording();
  return (
    <Section title={t('sshKeys')}>
      <p>{t('sshKeysText')}</p>
    </Section>
  );
};

const Profile = ({ account }: { readonly account: Account }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [name, setName] = useState(account.name ?? '');
  const change = useChange('account', () => announce(t('saved')));
  const send = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate({ method: 'PATCH', path: '/account', body: { name } });
  };
  return (
    <Section title={t('profile')}>
      <p>
        <bdi>{account.email}</bdi>
      </p>
      <form className="inline-form" onSubmit={send}>
        <TextField
          label={t('fullName')}
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" busy={change.isPending} disabled={name === (account.name ?? '')}>
          {t('save')}
        </Button>
      </form>
      <Problem error={change.error} />
    </Section>
  );
};

const Password = () => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [password, setPassword] = useState('');
  const [wanted, setWanted] = useState('');
  const change = useChange('account', () => {
    announce(t('passwordChanged'));
    setPassword('');
    setWanted('');
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate({ method: 'PATCH', path: '/account', body: { password, new_password: wanted } });
  };
  return (
    <Section title={t('password')} text={t('passwordText')}>
      <form className="stack narrow" onSubmit={send}>
        <TextField
          label={t('currentPassword')}
          type="password"
          autoComplete="current-password"
          className="input ltr"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <TextField
          label={t('newPassword')}
          type="password"
          autoComplete="new-password"
          className="input ltr"
          hint={t('newPasswordHint')}
          minLength={8}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <Problem error={change.error} />
        <div className="actions">
          <Button type="submit" busy={change.isPending} disabled={password === '' || wanted.length < 8}>
            {t('changePassword')}
          </Button>
        </div>
      </form>
    </Section>
  );
};
