import { type AnchorHTMLAttributes, type MouseEvent, type ReactNode, useSyncExternalStore } from 'react';

const base = '/dashboard';
const moved = new EventTarget();

const readPath = (): string => {
  const { pathname } = window.location;
  return pathname.startsWith(base) ? pathname.slice(base.length) || '/' : '/';
};

const subscribe = (tell: () => void): (() => void) => {
  window.addEventListener('popstate', tell);
  moved.addEventListener('moved', tell);
  return () => {
    window.removeEventListener('popstate', tell);
    moved.removeEventListener('moved', tell);
  };
};

/** The path of the page shown, below `/dashboard`, query left out: `/apps/shop/settings`. */
export const usePath = (): string => useSyncExternalStore(subscribe, readPath);

/** What follows the `?` of the page shown. */
export const useSearch = (): string => useSyncExternalStore(subscribe, () => window.location.search);

/** Goes to a page; `replace` leaves no entry in the history. */
export const navigate = (path: string, { replace = false } = {}): void => {
  const url = base + path;
  if (replace) window.history.replaceState(null, '', url);
  else window.history.pushState(null, '', url);
  if (!replace) window.scrollTo(0, 0);
  moved.dispatchEvent(new Event('moved'));
};

/** The address of a page, for links that the browser may open elsewhere. */
export const hrefOf = (path: string): string => base + path;

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { readonly to: string; readonly children: ReactNode };

/** A link to another page of the dashboard. */
export const Link = ({ to, children, onClick, ...rest }: LinkProps) => {
  const go = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (elsewhere || event.defaultPrevented) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={hrefOf(to)} onClick={go} {...rest}>
      {children}
    </a>
  );
};
