import { type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, useId } from 'react';

interface Around {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  /** What is wrong with the value. */
  readonly problem?: string | undefined;
  /** The label is only for those who can't see where the field is. */
  readonly bare?: boolean;
}

const useAround = ({ label, hint, problem, bare = false }: Around) => {
  const id = useId();
  const described = [hint === undefined ? '' : `${id}-hint`, problem === undefined ? '' : `${id}-problem`]
    .filter((part) => part !== '')
    .join(' ');
  const wrap = (control: ReactNode) => (
    <div className="field">
      <label htmlFor={id} className={bare ? 'unseen' : undefined}>
        {label}
      </label>
      {control}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p id={`${id}-problem`} className="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
  const attributes = {
    id,
    ...(described === '' ? {} : { 'aria-describedby': described }),
    ...(problem === undefined ? {} : { 'aria-invalid': true }),
  };
  return { wrap, attributes };
};

interface InputProps extends Around, InputHTMLAttributes<HTMLInputElement> {
  readonly ref?: Ref<HTMLInputElement>;
}

/** What a field holds when what was sent of it has arrived: what was typed meanwhile, or nothing. */
export const typedSince =
  (sent: string) =>
  (now: string): string =>
    now === sent ? '' : now;

/** A labelled input. */
export const TextField = ({ label, hint, problem, bare, ...rest }: InputProps) => {
  const { wrap, attributes } = useAround({
    label,
    hint,
    ...(problem === undefined ? {} : { problem }),
    ...(bare === undefined ? {} : { bare }),
  });
  return wrap(<input type="text" className="input" {...attributes} {...rest} />);
};

/** A labelled choice. */
export const SelectField = ({
  label,
  hint,
  problem,
  bare,
  ...rest
}: Around & SelectHTMLAttributes<HTMLSelectElement>) => {
  const { wrap, attributes } = useAround({
    label,
    hint,
    ...(problem === undefined ? {} : { problem }),
    ...(bare === undefined ? {} : { bare }),
  });
  return wrap(<select className="input" {...attributes} {...rest} />);
};

/** On or off, at once. */
export const Switch = (props: {
  readonly label: ReactNode;
  readonly checked: boolean;
  readonly onChange: () => void;
}) => (
  <label className="switch">
    <input
      type="checkbox"
      role="switch"
      aria-checked={props.checked}
      checked={props.checked}
      onChange={props.onChange}
    />
    <span>{props.label}</span>
  </label>
);
