/** Strokes on a grid of 20 by 20. */
const paths = {
  add: 'M10 4v12M4 10h12',
  app: 'M10 2.5 16.5 6.25v7.5L10 17.5l-6.5-3.75v-7.5z',
  back: 'M12.5 5 7.5 10l5 5',
  build: 'M11.5 3.5a4 4 0 0 0-4.6 5.3L3 12.7V17h4.3l3.9-3.9a4 4 0 0 0 5.3-4.6l-2.7 2.7-3-3z',
  check: 'm4.5 10.5 3.5 3.5 7.5-8',
  chevron: 'm5.5 8 4.5 4.5L14.5 8',
  close: 'm5 5 10 10M15 5 5 15',
  copy: 'M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4',
  database:
    'M4 5.5C4 4 7 3 10 3s6 1 6 2.5S13 8 10 8 4 7 4 5.5zM4 5.5v9C4 16 7 17 10 17s6-1 6-2.5v-9M4 10c0 1.5 3 2.5 6 2.5s6-1 6-2.5',
  edit: 'M12.5 4.5l3 3M4 16l.7-3.7L13.5 3.5l3 3-8.8 8.8z',
  gear: 'M10 7.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4',
  key: 'M12.5 3a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM9.3 10.7 3.5 16.5M5.5 14.5l2 2',
  language:
    'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM2.5 10h15M10 2.5c2.5 2.2 3.5 4.7 3.5 7.5s-1 5.3-3.5 7.5C7.5 15.3 6.5 12.8 6.5 10s1-5.3 3.5-7.5z',
  moon: 'M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z',
  open: 'M8 4H4v12h12v-4M11.5 3.5h5v5M16.5 3.5 9 11',
  people:
    'M7.5 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM2.5 16.5c0-2.5 2-4.5 5-4.5s5 2 5 4.5M12.5 4.3a3 3 0 0 1 0 5.4M14 12.3c2.1.5 3.5 2.1 3.5 4.2',
  process: 'M3.5 4.5h13v4h-13zM3.5 11.5h13v4h-13zM6.5 6.5h.01M6.5 13.5h.01',
  release: 'M10 2.5 16.5 6v8L10 17.5 3.5 14V6zM3.5 6l6.5 3.5L16.5 6M10 9.5v8',
  remove: 'M4 6h12M8 6V3.5h4V6M5.5 6l.8 10.5h7.4L14.5 6',
  search: 'M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4',
  sun: 'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1',
  warning: 'M10 3.5 17.5 16.5h-15zM10 8v4M10 14.25v.01',
} as const satisfies Readonly<Record<string, string>>;

export type IconName = keyof typeof paths;

/** A picture that adds nothing to the words beside it. */
export const Icon = ({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) => (
  <svg
    className={name === 'back' ? 'icon turns' : 'icon'}
    viewBox="0 0 20 20"
    width={size}
    height={size}
    aria-hidden="true"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
  >
    <path d={paths[name]} />
  </svg>
);

/** The platform's own mark. */
export const Mark = ({ size = 24 }: { readonly size?: number }) => (
  <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" fill="currentColor" className="mark">
    <path d="M2 6h9l5 13 5-13h9L19 28h-6z" />
  </svg>
);
