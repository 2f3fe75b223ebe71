import { useState } from 'react';
import { useWording } from '../language/language.tsx';
import { useAnnounce } from './announcements.tsx';
import { Icon } from './icon.tsx';

/** A command or an address, ready to copy. */
export const Copyable = ({ text, prompt = false }: { readonly text: string; readonly prompt?: boolean }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce(t('copied'));
    window.setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div className="copyable">
      <code className={prompt ? 'prompted' : undefined}>{text}</code>
      <button type="button" className="icon-button" onClick={() => void copy()} aria-label={t('copyThis', { text })}>
        <Icon name={copied ? 'check' : 'copy'} />
      </button>
    </div>
  );
};
