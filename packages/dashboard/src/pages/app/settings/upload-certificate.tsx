import { useId, useState } from 'react';
import type { SniEndpoint } from '../../../api/add-on-shapes.ts';
import { useChange } from '../../../api/change.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { certificateBegin, isCertificate, isPrivateKey, privateKeyBegin } from './pem-rule.ts';

interface UploadProps {
  readonly app: string;
  /** Name of the certificate whose place it takes. */
  readonly replaced?: string;
  readonly onClose: () => void;
}

/** Certificate and key, pasted or read from files; the API says what else is wrong with them. */
export const UploadCertificate = ({ app, replaced, onClose }: UploadProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [chain, setChain] = useState('');
  const [key, setKey] = useState('');
  const upload = useChange<SniEndpoint>(app, ({ name }) => {
    onClose();
    announce(t(replaced === undefined ? 'certificateAdded' : 'certificateReplaced', { name }));
  });
  const path = `/apps/${app}/sni-endpoints`;
  const body = { certificate_chain: chain, private_key: key };
  return (
    <FormDialog
      title={replaced === undefined ? t('uploadCertificate') : t('replaceCertificate', { name: replaced })}
      submit={t(replaced === undefined ? 'addCertificate' : 'save')}
      wide
      busy={upload.isPending}
      disabled={!isCertificate(chain) || !isPrivateKey(key)}
      error={upload.error}
      onSubmit={() =>
        upload.mutate(
          replaced === undefined
            ? { method: 'POST', path, body }
            : { method: 'PATCH', path: `${path}/${replaced}`, body },
        )
      }
      onClose={onClose}
    >
      <PemField
        label={t('certificateChain')}
        hint={t('certificateChainHint')}
        file={t('certificateFile')}
        problem={chain === '' || isCertificate(chain) ? undefined : t('pemExpected', { text: certificateBegin })}
        value={chain}
        onChange={setChain}
      />
      <PemField
        label={t('privateKey')}
        hint={t('privateKeyHint')}
        file={t('privateKeyFile')}
        problem={key === '' || isPrivateKey(key) ? undefined : t('pemExpected', { text: privateKeyBegin })}
        value={key}
        onChange={setKey}
      />
    </FormDialog>
  );
};

interface PemFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly file: string;
  readonly problem: string | undefined;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

/** PEM text, typed in or read from a file. */
const PemField = ({ label, hint, file, problem, value, onChange }: PemFieldProps) => {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="input mono ltr"
        rows={5}
        spellCheck={false}
        autoComplete="off"
        aria-describedby={`${id}-hint`}
        aria-invalid={problem !== undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-hint`} className="hint">
        {hint}
      </p>
      <input
        type="file"
        className="file"
        aria-label={file}
        accept=".pem,.crt,.cer,.key,text/plain"
        onChange={(event) => void event.target.files?.[0]?.text().then(onChange)}
      />
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
};
