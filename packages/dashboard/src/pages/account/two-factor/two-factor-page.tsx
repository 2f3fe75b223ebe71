import '../../../styles/two-factor.css';
import { useState } from 'react';
import { useWording } from '../../../language/language.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { PageHead } from '../../../parts/section.tsx';
import { Status } from '../../../parts/status.tsx';
import { Link } from '../../../routing/router.tsx';
import { useTitle } from '../../use-title.ts';
import { Manage } from './manage.tsx';
import { RecoveryCodeList } from './recovery-code-list.tsx';
import { SetUp } from './set-up.tsx';
import { useTwoFactor } from './two-factor.ts';

/** The second factor of whoever is signed in: switched on in three steps, managed and switched off in one. */
export const TwoFactorPage = () => {
  const { t } = useWording();
  useTitle(t('twoFactor'), t('account'));
  const { data: state, error, refetch } = useTwoFactor();
  /** Shown once, right after they were made. */
  const [codes, setCodes] = useState<readonly string[]>();
  return (
    <>
      <Link to="/account" className="crumb">
        {t('account')}
      </Link>
      <PageHead title={t('twoFactor')}>
        {state !== undefined && (
          <Status tone={state.enabled ? 'good' : 'calm'}>{t(state.enabled ? 'isOn' : 'isOff')}</Status>
        )}
      </PageHead>
      <Problem error={error} onRetry={() => void refetch()} />
      {codes !== undefined && <RecoveryCodeList codes={codes} onDone={() => setCodes(undefined)} />}
      {codes === undefined && state?.enabled === false && <SetUp onCodes={setCodes} />}
      {codes === undefined && state?.enabled === true && <Manage left={state.recovery_codes_left} onCodes={setCodes} />}
    </>
  );
};
