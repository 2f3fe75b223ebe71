export type Theme = 'light' | 'dark';

const storageKey = 'ravine-theme';

/** The theme that was chosen here, else the system's. */
export const currentTheme = (): Theme => {
  const chosen = window.localStorage.getItem(storageKey);
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
};

/** Shows the page in the current theme. */
export const applyTheme = (): void => {
  document.documentElement.dataset.theme = currentTheme();
};

export const chooseTheme = (theme: Theme): void => {
  window.localStorage.setItem(storageKey, theme);
  applyTheme();
};
