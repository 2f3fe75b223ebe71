import { useEffect } from 'react';

/** Names the page in the browser's tab: `Settings · shop · Ravine`. */
export const useTitle = (...parts: readonly string[]): void => {
  const title = [...parts, 'Ravine'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
};
