import type { ReactNode } from 'react';
import { Copyable } from './copyable.tsx';
import { Icon, type IconName } from './icon.tsx';

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly text?: ReactNode;
  /** What to type next. */
  readonly command?: string;
  readonly children?: ReactNode;
}

/** Says that there is nothing yet, and how to change that. */
export const Empty = ({ icon, title, text, command, children }: EmptyProps) => (
  <div className="empty">
    <span className="empty-icon">
      <Icon name={icon} size={22} />
    </span>
    <p className="empty-title">{title}</p>
    {text !== undefined && <p className="soft">{text}</p>}
    {command !== undefined && <Copyable text={command} prompt />}
    {children}
  </div>
);
