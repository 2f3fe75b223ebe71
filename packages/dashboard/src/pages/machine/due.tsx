import type { ReactNode } from 'react';
import { useWording } from '../../language/language.tsx';
import { Said } from '../../parts/said.tsx';
import { Card } from '../../parts/section.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { Link } from '../../routing/router.tsx';
import { type Judgement, judgeCertificate, judgeDatabase } from './judge.ts';
import { Mark } from './mark.tsx';
import type { MachineCertificate, MachineDatabase } from './report.ts';

/** Whether what databases hold could be had back. */
export const Backups = ({ databases }: { readonly databases: readonly MachineDatabase[] }) => {
  const { t } = useWording();
  return (
    <Card title={t('databaseBackups')} text={t('databaseBackupsText')}>
      {databases.length === 0 && <p className="soft padded">{t('noDatabases')}</p>}
      <ul className="rows">
        {databases.map((database) => (
          <Due
            key={database.addon.name}
            app={database.app.name}
            name={database.addon.name}
            judgement={judgeDatabase(database, Date.now())}
            problem={database.trouble ?? (database.drill?.succeeded === false ? database.drill.detail : null)}
          >
            {database.backed_up_at === null ? (
              t('noBackupYet')
            ) : (
              <>
                {t('backedUp')} <TimeAgo time={database.backed_up_at} />
              </>
            )}
            {database.drill?.succeeded === true && (
              <>
                {' · '}
                {t('drilled')} <TimeAgo time={database.drill.finished_at} />
              </>
            )}
          </Due>
        ))}
      </ul>
    </Card>
  );
};

/** Certificates, those that end first before the others. */
export const Certificates = ({ certificates }: { readonly certificates: readonly MachineCertificate[] }) => {
  const { t, dateTime } = useWording();
  return (
    <Card title={t('certificatesDue')} text={t('certificatesDueText')}>
      {certificates.length === 0 && <p className="soft padded">{t('noCertificatesDue')}</p>}
      <ul className="rows">
        {certificates.map((certificate) => (
          <Due
            key={`${certificate.app.name} ${certificate.domains.join(' ')} ${certificate.expires_at}`}
            app={certificate.app.name}
            name={certificate.domains.join(', ')}
            judgement={judgeCertificate(certificate, Date.now())}
            problem={certificate.problem}
          >
            {t('validUntil', { time: dateTime(certificate.expires_at) })}
            {certificate.acm && ` · ${t('renewedByItself')}`}
          </Due>
        ))}
      </ul>
    </Card>
  );
};

interface DueProps {
  readonly app: string;
  readonly name: string;
  readonly judgement: Judgement;
  readonly problem: string | null;
  readonly children: ReactNode;
}

const Due = ({ app, name, judgement, problem, children }: DueProps) => {
  const { t } = useWording();
  return (
    <li className="row">
      <span className="row-main">
        <span>
          <bdi className="strong">{name}</bdi>{' '}
          <span className="soft">
            · <Link to={`/apps/${app}`}>{app}</Link>
          </span>
        </span>
        <span className="soft small-text">{children}</span>
        {problem !== null && <Said className="small-text" text={problem} />}
        {judgement.advice !== undefined && <span className="small-text">{t(judgement.advice)}</span>}
      </span>
      <Mark judgement={judgement} />
    </li>
  );
};
