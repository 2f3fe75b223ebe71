import { useState } from 'react';
import { useBuilds } from '../../../api/queries.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import { CancelBuild } from '../activity/cancel-build.tsx';
import { Output } from '../activity/output-dialog.tsx';
import { HappeningRow } from '../happening-row.tsx';

const shownBuilds = 20;

export const BuildHistory = ({ app }: { readonly app: string }) => {
  const { t } = useWording();
  const { data: builds, error } = useBuilds(app, shownBuilds);
  const [open, setOpen] = useState<string>();
  return (
    <Card title={t('builds')}>
      <Problem error={error} />
      {builds?.length === 0 && <p className="soft padded">{t('noBuilds')}</p>}
      <ul className="rows">
        {builds?.map((build) => (
          <HappeningRow key={build.id} happening={{ kind: 'build', at: build.created_at, build }}>
            <Button
              small
              kind="quiet"
              aria-expanded={open === build.id}
              onClick={() => setOpen(open === build.id ? undefined : build.id)}
            >
              {t('buildOutput')}
            </Button>
            <CancelBuild app={app} build={build} />
            {open === build.id && (
              <div className="row-below">
                <Output url={build.output_stream_url} label={t('buildOutput')} />
              </div>
            )}
          </HappeningRow>
        ))}
      </ul>
    </Card>
  );
};
