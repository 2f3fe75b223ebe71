import { useEffect, useRef, useState } from 'react';
import { pathOf } from '../../../api/request.ts';
import { useWording } from '../../../language/language.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { plainText } from './plain-text.ts';

interface OutputProps {
  readonly title: string;
  readonly url: string;
  readonly onClose: () => void;
}

/** What a build or a release command printed, followed to its end while it runs. */
export const OutputDialog = ({ title, url, onClose }: OutputProps) => {
  const { t } = useWording();
  return (
    <Dialog title={title} onClose={onClose} wide>
      <Output url={url} label={title} />
      <div className="actions end">
        <button type="button" className="button plain" onClick={onClose}>
          {t('close')}
        </button>
      </div>
    </Dialog>
  );
};

/** The output itself; it stays at its end unless somebody has scrolled up. */
export const Output = ({ url, label }: { readonly url: string; readonly label: string }) => {
  const { t } = useWording();
  const [text, setText] = useState('');
  const [ended, setEnded] = useState(false);
  const [error, setError] = useState<unknown>();
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const leaving = new AbortController();
    setText('');
    setEnded(false);
    follow(url, leaving.signal, (more) => setText((before) => before + more))
      .then(() => setEnded(true))
      .catch((reason: unknown) => {
        if (!leaving.signal.aborted) setError(reason);
      });
    return () => leaving.abort();
  }, [url]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the box grows with the text
  useEffect(() => {
    if (atEnd.current) box.current?.scrollTo(0, box.current.scrollHeight);
  }, [text]);
  return (
    <>
      <pre
        ref={box}
        className="output"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        role="log"
        aria-label={label}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          atEnd.current = scrollTop + clientHeight >= scrollHeight - 24;
        }}
      >
        {plainText(text)}
      </pre>
      <Problem error={error} />
      <p className="soft small-text" role="status">
        {ended ? (text === '' ? t('noOutput') : '') : error === undefined ? t('outputFollows') : ''}
      </p>
    </>
  );
};

const follow = async (url: string, signal: AbortSignal, onText: (text: string) => void): Promise<void> => {
  const response = await fetch(pathOf(url), { signal });
  if (!response.ok || response.body === null) {
    const { message } = (await response.json()) as { message?: string }; // the API's errors have one
    throw new Error(message);
  }
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) onText(text);
};
