import { useChange } from '../../../api/change.ts';
import type { App } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Switch } from '../../../parts/field.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Section } from '../../../parts/section.tsx';

export const Maintenance = ({ app: { name, maintenance } }: { readonly app: App }) => {
  const { t } = useWording();
  const change = useChange(name);
  return (
    <Section title={t('maintenanceMode')} text={t('maintenanceOnText')}>
      <Switch
        label={t('maintenanceMode')}
        checked={maintenance}
        onChange={() => change.mutate({ method: 'PATCH', path: `/apps/${name}`, body: { maintenance: !maintenance } })}
      />
      <Problem error={change.error} />
    </Section>
  );
};
