import { useState } from 'react';
import { useCertificates } from '../../../api/add-on-queries.ts';
import type { SniEndpoint } from '../../../api/add-on-shapes.ts';
import { useChange } from '../../../api/change.ts';
import { useDomains } from '../../../api/queries.ts';
import type { App, Domain } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { SelectField } from '../../../parts/field.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Section } from '../../../parts/section.tsx';
import { Status } from '../../../parts/status.tsx';
import { UploadCertificate } from './upload-certificate.tsx';

type Asking = { readonly what: 'add' } | { readonly what: 'replace' | 'remove'; readonly id: string } | undefined;

/** Certificates that domains are served with: uploaded, replaced, removed, and chosen for domains. */
export const Certificates = ({ app: { name: app } }: { readonly app: App }) => {
  const { t } = useWording();
  const { data: certificates, error } = useCertificates(app);
  const { data: domains = [] } = useDomains(app);
  const [asking, setAsking] = useState<Asking>();
  const close = (): void => setAsking(undefined);
  const about =
    asking === undefined || asking.what === 'add' ? undefined : certificates?.find(({ id }) => id === asking.id);
  const own = domains.filter(({ kind }) => kind === 'custom');
  return (
    <Section title={t('certificates')} text={t('certificatesText')}>
      <Problem error={error} />
      {certificates?.length === 0 && <p className="soft">{t('noCertificates')}</p>}
      <ul className="rows">
        {certificates?.map((certificate) => (
          <CertificateRow
            key={certificate.id}
            certificate={certificate}
            domains={own}
            onAsk={(what) => setAsking({ what, id: certificate.id })}
          />
        ))}
      </ul>
      {certificates !== undefined && certificates.length > 0 && own.length > 0 && (
        <div className="stack">
          {own.map((domain) => (
            <DomainCertificate key={domain.id} app={app} domain={domain} certificates={certificates} />
          ))}
        </div>
      )}
      <div className="actions">
        <Button onClick={() => setAsking({ what: 'add' })}>{t('uploadCertificate')}</Button>
      </div>
      {asking?.what === 'add' && <UploadCertificate app={app} onClose={close} />}
      {asking?.what === 'replace' && about !== undefined && (
        <UploadCertificate app={app} replaced={about.name} onClose={close} />
      )}
      {asking?.what === 'remove' && about !== undefined && (
        <RemoveCertificate app={app} name={about.name} onClose={close} />
      )}
    </Section>
  );
};

interface RowProps {
  readonly certificate: SniEndpoint;
  readonly domains: readonly Domain[];
  readonly onAsk: (what: 'replace' | 'remove') => void;
}

const CertificateRow = ({ certificate: { name, ssl_cert: facts, domains: ids }, domains, onAsk }: RowProps) => {
  const { t, dateTime } = useWording();
  const served = domains.filter(({ id }) => ids.includes(id)).map(({ hostname }) => hostname);
  const over = Date.parse(facts.expires_at) < Date.now();
  return (
    <li className="row wraps">
      <Icon name="key" />
      <span className="row-main">
        <bdi className="strong">{facts.cert_domains.join(', ')}</bdi>
        <span className="soft small-text">
          <bdi>{name}</bdi> · {t('issuer')} <bdi>{facts.issuer}</bdi>
        </span>
        <span className="soft small-text">
          {t('expires')} <time dateTime={facts.expires_at}>{dateTime(facts.expires_at)}</time>
          {served.length > 0 && (
            <>
              {' '}
              · {t('servedDomains')} <bdi>{served.join(', ')}</bdi>
            </>
          )}
        </span>
      </span>
      <Status tone={over ? 'bad' : facts['self_signed?'] ? 'warn' : 'good'}>
        {t(facts.acm ? 'byItself' : facts['self_signed?'] ? 'selfSigned' : 'caSigned')}
      </Status>
      {!facts.acm && (
        <div className="actions">
          <button
            type="button"
            className="icon-button"
            aria-label={t('replaceCertificate', { name })}
            onClick={() => onAsk('replace')}
          >
            <Icon name="edit" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={t('removeThis', { name })}
            onClick={() => onAsk('remove')}
          >
            <Icon name="remove" />
          </button>
        </div>
      )}
    </li>
  );
};

interface DomainProps {
  readonly app: string;
  readonly domain: Domain;
  readonly certificates: readonly SniEndpoint[];
}

/** Which certificate a domain is served with; changed at once. */
const DomainCertificate = ({ app, domain, certificates }: DomainProps) => {
  const { t } = useWording();
  const change = useChange(app);
  const path = `/apps/${app}/domains/${encodeURIComponent(domain.hostname)}`;
  return (
    <>
      <SelectField
        label={t('serveWith', { name: domain.hostname })}
        value={domain.sni_endpoint?.id ?? ''}
        disabled={change.isPending}
        onChange={({ target: { value } }) =>
          change.mutate({ method: 'PATCH', path, body: { sni_endpoint: value === '' ? null : value } })
        }
      >
        <option value="">{t('withoutCertificate')}</option>
        {certificates.map(({ id, name, ssl_cert: { cert_domains: names } }) => (
          <option key={id} value={id}>
            {`${name} · ${names.join(', ')}`}
          </option>
        ))}
      </SelectField>
      <Problem error={change.error} />
    </>
  );
};

const RemoveCertificate = (props: { readonly app: string; readonly name: string; readonly onClose: () => void }) => {
  const { app, name, onClose } = props;
  const { t } = useWording();
  const remove = useChange(app, onClose);
  return (
    <FormDialog
      title={t('removeThis', { name })}
      submit={t('remove')}
      danger
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate({ method: 'DELETE', path: `/apps/${app}/sni-endpoints/${name}` })}
      onClose={onClose}
    >
      <p>{t('removeCertificateText')}</p>
    </FormDialog>
  );
};
