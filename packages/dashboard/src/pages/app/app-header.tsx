import { useState } from 'react';
import { useChange } from '../../api/change.ts';
import type { App } from '../../api/shapes.ts';
import { useWording } from '../../language/language.tsx';
import { useAnnounce } from '../../parts/announcements.tsx';
import { FormDialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Menu } from '../../parts/menu.tsx';
import { Status } from '../../parts/status.tsx';
import { Link } from '../../routing/router.tsx';

/** Which question the menu has opened. */
type Asking = 'restart' | 'maintenance' | undefined;

/** The app's name, and what is done to the whole of it. */
export const AppHeader = ({ app }: { readonly app: App }) => {
  const { t } = useWording();
  const [asking, setAsking] = useState<Asking>();
  return (
    <div className="app-head">
      <div className="app-title">
        <Link to="/" className="crumb">
          {t('apps')}
        </Link>
        <span className="soft" aria-hidden="true">
          /
        </span>
        <h1 tabIndex={-1}>
          <bdi>{app.name}</bdi>
        </h1>
        {app.maintenance && <Status tone="warn">{t('maintenance')}</Status>}
      </div>
      <div className="actions">
        <a className="button" href={app.web_url} target="_blank" rel="noreferrer">
          {t('openApp')}
          <Icon name="open" size={16} />
        </a>
        <Menu
          label={t('more')}
          className="button"
          button={
            <>
              {t('more')}
              <Icon name="chevron" size={16} />
            </>
          }
          entries={[
            { id: 'logs', label: t('viewLogs'), to: `/apps/${app.name}/logs` },
            { id: 'console', label: t('runConsole'), to: `/apps/${app.name}/console` },
            { id: 'restart', label: t('restartAll'), onChoose: () => setAsking('restart') },
            {
              id: 'maintenance',
              label: t(app.maintenance ? 'maintenanceOff' : 'maintenanceOn'),
              onChoose: () => setAsking('maintenance'),
            },
          ]}
        />
      </div>
      {asking === 'restart' && <RestartAll app={app} onClose={() => setAsking(undefined)} />}
      {asking === 'maintenance' && <ChangeMaintenance app={app} onClose={() => setAsking(undefined)} />}
    </div>
  );
};

interface Question {
  readonly app: App;
  readonly onClose: () => void;
}

const RestartAll = ({ app: { name }, onClose }: Question) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const restart = useChange(name, () => {
    onClose();
    announce(t('restarting', { name }));
  });
  return (
    <FormDialog
      title={t('restartAll')}
      submit={t('restartAll')}
      busy={restart.isPending}
      error={restart.error}
      onSubmit={() => restart.mutate({ method: 'DELETE', path: `/apps/${name}/dynos` })}
      onClose={onClose}
    >
      <p>{t('restartAllText')}</p>
    </FormDialog>
  );
};

const ChangeMaintenance = ({ app: { name, maintenance }, onClose }: Question) => {
  const { t } = useWording();
  const change = useChange(name, onClose);
  const title = t(maintenance ? 'maintenanceOff' : 'maintenanceOn');
  return (
    <FormDialog
      title={title}
      submit={title}
      busy={change.isPending}
      error={change.error}
      onSubmit={() => change.mutate({ method: 'PATCH', path: `/apps/${name}`, body: { maintenance: !maintenance } })}
      onClose={onClose}
    >
      <p>{t(maintenance ? 'maintenanceOffText' : 'maintenanceOnText')}</p>
    </FormDialog>
  );
};
