import { type ReactNode, useId } from 'react';

interface SectionProps {
  readonly title: string;
  readonly text?: ReactNode;
  /** Beside the title. */
  readonly action?: ReactNode;
  readonly children: ReactNode;
  readonly danger?: boolean;
}

/** A part of a page with a heading of its own, on a card. */
export const Card = ({ title, text, action, children, danger = false }: SectionProps) => {
  const id = useId();
  return (
    <section className={danger ? 'card danger' : 'card'} aria-labelledby={id}>
      <header className="card-head">
        <div>
          <h2 id={id}>{title}</h2>
          {text !== undefined && <p className="soft">{text}</p>}
        </div>
        {action}
      </header>
      {children}
    </section>
  );
};

/** The same with the heading on one side and its matter on the other, as on a page of settings. */
export const Section = ({ title, text, action, children, danger = false }: SectionProps) => {
  const id = useId();
  return (
    <section className={danger ? 'section danger' : 'section'} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {text !== undefined && <p className="soft">{text}</p>}
        {action}
      </header>
      <div className="section-body">{children}</div>
    </section>
  );
};

/** A page's heading; it gets the focus when the page is gone to, so that its name is read out. */
export const PageHead = ({ title, children }: { readonly title: string; readonly children?: ReactNode }) => (
  <div className="page-head">
    <h1 tabIndex={-1}>{title}</h1>
    {children}
  </div>
);
