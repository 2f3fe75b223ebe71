import { type FormEvent, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useDomains } from '../../../api/queries.ts';
import type { App, Domain } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Copyable } from '../../../parts/copyable.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { Switch, TextField, typedSince } from '../../../parts/field.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Said } from '../../../parts/said.tsx';
import { Section } from '../../../parts/section.tsx';
import { Status, type Tone } from '../../../parts/status.tsx';

/** Domains of the user's own, where DNS is to lead, and their certificates. */
export const Domains = ({ app }: { readonly app: App }) => {
  const { t } = useWording();
  const { data: domains = [], error } = useDomains(app.name);
  const [hostname, setHostname] = useState('');
  const [removing, setRemoving] = useState<Domain>();
  const path = `/apps/${app.name}/domains`;
  const add = useChange(app.name);
  const remove = useChange(app.name, () => setRemoving(undefined));
  const acm = useChange(app.name);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (hostname === '') return;
    const onSuccess = (): void => setHostname(typedSince(hostname));
    add.mutate({ method: 'POST', path, body: { hostname, sni_endpoint: null } }, { onSuccess });
  };
  const own = domains.filter(({ kind }) => kind === 'custom');
  return (
    <Section title={t('domains')} text={t('domainsText')}>
      <p>
        {t('ownAddress')}{' '}
        <bdi>
          <a href={app.web_url}>{app.web_url}</a>
        </bdi>
      </p>
      <Problem error={error ?? acm.error} />
      <ul className="rows">
        {own.map((domain) => (
          <li key={domain.id} className="row">
            <span className="row-main">
              <bdi className="strong">{domain.hostname}</bdi>
              {domain.cname !== null && (
                <span className="small-text soft">
                  {t('dnsTarget')} <Copyable text={domain.cname} />
                </span>
              )}
              {domain.acm_status_reason !== null && <Said className="small-text" text={domain.acm_status_reason} />}
            </span>
            <CertificateStatus domain={domain} />
            <button
              type="button"
              className="icon-button"
              aria-label={t('removeThis', { name: domain.hostname })}
              onClick={() => setRemoving(domain)}
            >
              <Icon name="remove" />
            </button>
          </li>
        ))}
      </ul>
      <form className="inline-form" onSubmit={send}>
        <TextField
          bare
          label={t('addDomain')}
          placeholder="www.example.com"
          className="input ltr"
          autoComplete="off"
          spellCheck={false}
          value={hostname}
          onChange={(event) => setHostname(event.target.value.trim())}
        />
        <Button type="submit" busy={add.isPending} disabled={hostname === ''}>
          {t('addDomain')}
        </Button>
      </form>
      <Problem error={add.error} />
      <Switch
        label={t('acm')}
        checked={app.acm}
        onChange={() => acm.mutate({ method: app.acm ? 'DELETE' : 'POST', path: `/apps/${app.name}/acm`, body: {} })}
      />
      {removing !== undefined && (
        <FormDialog
          title={t('removeThis', { name: removing.hostname })}
          submit={t('remove')}
          danger
          busy={remove.isPending}
          error={remove.error}
          onSubmit={() => remove.mutate({ method: 'DELETE', path: `${path}/${encodeURIComponent(removing.hostname)}` })}
          onClose={() => setRemoving(undefined)}
        >
          <p>{t('removeDomainText')}</p>
        </FormDialog>
      )}
    </Section>
  );
};

const tones: Readonly<Record<string, Tone>> = {
  'cert issued': 'good',
  failing: 'bad',
  failed: 'bad',
  'dns-verified': 'calm',
};

const CertificateStatus = ({ domain }: { readonly domain: Domain }) => {
  const { t } = useWording();
  if (domain.acm_status !== null)
    return (
      <Status tone={tones[domain.acm_status] ?? 'calm'}>
        <Said text={domain.acm_status} />
      </Status>
    );
  return domain.sni_endpoint === null ? (
    <Status tone="calm">{t('noCertificate')}</Status>
  ) : (
    <Status tone="good">{t('certificate')}</Status>
  );
};
