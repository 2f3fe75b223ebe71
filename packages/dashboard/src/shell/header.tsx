import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ask } from '../api/request.ts';
import type { Account } from '../api/shapes.ts';
import { useWording } from '../language/language.tsx';
import { Icon, Mark } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { Link, navigate } from '../routing/router.tsx';
import { Jump } from './jump.tsx';
import { LanguageSwitch, ThemeSwitch } from './switches.tsx';

/** The bar on top of every page. */
export const Header = ({ account: { email, administrator } }: { readonly account: Account }) => {
  const { t } = useWording();
  const queries = useQueryClient();
  const [jumping, setJumping] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      if (document.querySelector('dialog[open]') === null) setJumping(true);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const signOut = async (): Promise<void> => {
    await ask('DELETE', '/dashboard/session').catch(() => undefined); // a session that is over already is as good
    navigate('/');
    queries.setQueryData(['account'], null);
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'account' || queryKey.length > 1 });
  };
  return (
    <header className="bar">
      <div className="bar-inner">
        <Link to="/" className="brand" aria-label={t('homeLabel')}>
          <Mark />
          <span>Ravine</span>
        </Link>
        <button type="button" className="jump-button" onClick={() => setJumping(true)}>
          <Icon name="search" size={16} />
          <span>{t('jumpTo')}</span>
          <kbd>Ctrl K</kbd>
        </button>
        <nav className="bar-end" aria-label={t('preferences')}>
          <LanguageSwitch />
          <ThemeSwitch />
          <Menu
            label={t('accountMenu', { email })}
            className="avatar-button"
            button={<span className="avatar">{email.slice(0, 1).toUpperCase()}</span>}
            entries={[
              { id: 'account', label: t('account'), to: '/account' },
              ...(administrator ? [{ id: 'machine', label: t('machine'), to: '/machine' }] : []),
              { id: 'sign-out', label: t('signOut'), onChoose: () => void signOut() },
            ]}
          />
        </nav>
      </div>
      {jumping && <Jump onClose={() => setJumping(false)} />}
    </header>
  );
};
