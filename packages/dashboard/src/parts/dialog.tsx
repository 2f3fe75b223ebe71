import { type FormEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef } from 'react';
import { useWording } from '../language/language.tsx';
import { Button } from './button.tsx';
import { Problem } from './problem.tsx';

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  readonly wide?: boolean;
}

/** Where the focus goes when a dialog closes: what opened it, what stands in its place since, or the page. */
const focusAgain = (opener: Element | null): void => {
  if (document.activeElement !== document.body && document.activeElement !== opener) return;
  const heir = opener?.id ? document.getElementById(opener.id) : null;
  const target = opener?.isConnected ? opener : (heir ?? document.getElementById('main'));
  if (target instanceof HTMLElement) target.focus();
};

/**
 * A modal dialog: the browser keeps the focus inside, Escape closes. An opener that may be drawn anew meanwhile has an `id`, by which
 * the focus finds it again.
 */
export const Dialog = ({ title, children, onClose, wide = false }: DialogProps) => {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const opener = useRef<Element | null>(null);
  // At once, before the user goes on.
  useLayoutEffect(() => {
    const dialog = ref.current;
    opener.current = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      focusAgain(opener.current);
    };
  }, []);
  // And once what takes the opener's place is drawn.
  useEffect(() => () => focusAgain(opener.current), []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the dialog does what Escape does
    <dialog
      ref={ref}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="dialog-body">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
};

interface FormDialogProps extends DialogProps {
  readonly submit: string;
  readonly danger?: boolean;
  readonly busy: boolean;
  readonly disabled?: boolean;
  readonly error: unknown;
  readonly onSubmit: () => void;
}

/** A dialog that asks for something, with what the API said against it. */
export const FormDialog = (props: FormDialogProps) => {
  const { t } = useWording();
  const { submit, danger = false, busy, disabled = false, error, onSubmit, onClose, children } = props;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (!busy && !disabled) onSubmit();
  };
  return (
    <Dialog title={props.title} onClose={onClose} wide={props.wide ?? false}>
      <form className="stack" onSubmit={send}>
        {children}
        <Problem error={error} />
        <div className="actions end">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={busy} disabled={disabled}>
            {submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
