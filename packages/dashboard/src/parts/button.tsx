import type { ButtonHTMLAttributes } from 'react';

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly kind?: 'plain' | 'primary' | 'quiet' | 'danger';
  readonly small?: boolean;
  /** Work that the button began goes on: it can't be pressed again, and keeps its focus. */
  readonly busy?: boolean;
};

export const Button = ({ kind = 'plain', small = false, busy = false, className, onClick, ...rest }: ButtonProps) => (
  <button
    type="button"
    className={`button ${kind}${small ? ' small' : ''}${className === undefined ? '' : ` ${className}`}`}
    aria-disabled={busy || undefined}
    data-busy={busy || undefined}
    onClick={(event) => {
      if (busy) event.preventDefault();
      else onClick?.(event);
    }}
    {...rest}
  />
);
