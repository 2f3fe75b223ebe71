import { useWording } from '../../language/language.tsx';
import { Section } from '../../parts/section.tsx';
import { Status } from '../../parts/status.tsx';
import { Link } from '../../routing/router.tsx';

/** Whether the second factor is on, and the way to its page. */
export const TwoFactorSection = ({ enabled }: { readonly enabled: boolean }) => {
  const { t } = useWording();
  return (
    <Section title={t('twoFactor')} text={t('twoFactorText')}>
      <p>
        <Status tone={enabled ? 'good' : 'calm'}>{t(enabled ? 'isOn' : 'isOff')}</Status>
      </p>
      <div className="actions">
        <Link to="/account/two-factor" className="button">
          {t(enabled ? 'manageTwoFactor' : 'setUpTwoFactor')}
        </Link>
      </div>
    </Section>
  );
};
