import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';

const shownMs = 6000;

interface Announcement {
  readonly id: number;
  readonly text: string;
}

const AnnounceContext = createContext<(text: string) => void>(() => {});

/** Says that something was done: shown for a while, and read out. */
export const useAnnounce = (): ((text: string) => void) => useContext(AnnounceContext);

export const Announcements = ({ children }: { readonly children: ReactNode }) => {
  const [shown, setShown] = useState<readonly Announcement[]>([]);
  const next = useRef(0);
  const announce = useCallback((text: string) => {
    const id = next.current++;
    setShown((all) => [...all.slice(-2), { id, text }]);
    window.setTimeout(() => setShown((all) => all.filter((one) => one.id !== id)), shownMs);
  }, []);
  const items = useMemo(() => shown.map(({ id, text }) => <p key={id}>{text}</p>), [shown]);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div className="announcements" role="status" aria-live="polite">
        {items}
      </div>
    </AnnounceContext>
  );
};
