import { useEffect, useMemo } from 'react';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { Card } from '../../../parts/section.tsx';

interface ListProps {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}

/** The codes that let their owner in without the authenticator; the platform can't show them again. */
export const RecoveryCodeList = ({ codes, onDone }: ListProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const text = `${codes.join('\n')}\n`;
  const file = useMemo(() => URL.createObjectURL(new Blob([text], { type: 'text/plain' })), [text]);
  useEffect(() => () => URL.revokeObjectURL(file), [file]);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    announce(t('copied'));
  };
  return (
    <Card title={t('recoveryCodes')} text={t('recoveryCodesText')}>
      <div className="stack padded">
        <ul className="recovery-codes" aria-label={t('recoveryCodes')}>
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <div className="actions">
          <Button onClick={() => void copy()}>{t('copyCodes')}</Button>
          <a className="button" href={file} download="ravine-recovery-codes.txt">
            {t('downloadCodes')}
          </a>
          <Button kind="primary" onClick={onDone}>
            {t('codesAreKept')}
          </Button>
        </div>
      </div>
    </Card>
  );
};
