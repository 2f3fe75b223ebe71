import { type KeyboardEvent, useState } from 'react';
import { useAccount, useApps } from '../api/queries.ts';
import { useWording } from '../language/language.tsx';
import { tabs } from '../pages/app/tabs.data.ts';
import { Dialog } from '../parts/dialog.tsx';
import { navigate, usePath } from '../routing/router.tsx';
import { type Destination, matching } from './matching.ts';

const mostShown = 12;

/** Goes to an app, or to a page of the one that is shown, by a few letters of its name. */
export const Jump = ({ onClose }: { readonly onClose: () => void }) => {
  const { t } = useWording();
  const { data: apps = [] } = useApps();
  const { data: account } = useAccount();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const [, , current] = usePath().split('/');
  const pages =
    current === undefined
      ? []
      : [...tabs, { path: '/console', label: 'console' } as const].map(({ path, label }) => ({
          to: `/apps/${current}${path}`,
          name: t(label),
          about: current,
        }));
  const destinations: readonly Destination[] = [
    ...pages,
    ...apps.map(({ name }) => ({ to: `/apps/${name}`, name, about: '' })),
    { to: '/', name: t('apps'), about: '' },
    { to: '/account', name: t('account'), about: '' },
    ...(account?.administrator ? [{ to: '/machine', name: t('machine'), about: '' }] : []),
  ];
  const found = matching(destinations, text).slice(0, mostShown);
  const go = (to: string): void => {
    onClose();
    navigate(to);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      setChosen((chosen + step + found.length) % found.length);
    }
    const target = found[chosen];
    if (event.key === 'Enter' && target !== undefined) {
      event.preventDefault();
      go(target.to);
    }
  };
  return (
    <Dialog title={t('jumpTo')} onClose={onClose}>
      <input
        className="input"
        type="text"
        role="combobox"
        aria-label={t('jumpTo')}
        aria-expanded="true"
        aria-controls="jump-list"
        aria-activedescendant={found.length === 0 ? undefined : `jump-${chosen}`}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
      />
      <div id="jump-list" role="listbox" aria-label={t('places')} className="jump-list">
        {found.map(({ to, name, about }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field above
          <div
            key={to}
            id={`jump-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className="jump-item"
            onClick={() => go(to)}
          >
            <span>{name}</span>
            {about !== '' && <span className="soft">{about}</span>}
          </div>
        ))}
      </div>
      <p className="soft small-text" role="status">
        {found.length === 0 ? t('nothingFound') : ''}
      </p>
    </Dialog>
  );
};
