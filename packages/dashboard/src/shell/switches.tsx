import { useState } from 'react';
import { useWording } from '../language/language.tsx';
import { Icon } from '../parts/icon.tsx';
import { chooseTheme, currentTheme } from '../styles/theme.ts';

/** To the other language, named in that language. */
export const LanguageSwitch = () => {
  const { language, choose } = useWording();
  const [other, name] = language === 'en' ? (['fa', 'فارسی'] as const) : (['en', 'English'] as const);
  return (
    <button type="button" className="bar-button" lang={other} aria-label={name} onClick={() => choose(other)}>
      <Icon name="language" />
      <span>{name}</span>
    </button>
  );
};

export const ThemeSwitch = () => {
  const { t } = useWording();
  const [theme, setTheme] = useState(currentTheme);
  const other = theme === 'dark' ? 'light' : 'dark';
  const change = (): void => {
    chooseTheme(other);
    setTheme(other);
  };
  return (
    <button
      type="button"
      className="bar-button"
      onClick={change}
      aria-label={t(other === 'dark' ? 'useDark' : 'useLight')}
    >
      <Icon name={other === 'dark' ? 'moon' : 'sun'} />
    </button>
  );
};
