import { useWording } from '../language/language.tsx';
import { PageHead } from '../parts/section.tsx';
import { Link } from '../routing/router.tsx';

/** Said where an address names nothing. */
export const NoSuchPage = () => {
  const { t } = useWording();
  return (
    <>
      <PageHead title={t('noSuchPage')} />
      <p>
        <Link to="/">{t('toApps')}</Link>
      </p>
    </>
  );
};
