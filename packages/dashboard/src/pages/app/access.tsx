import { type FormEvent, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { useAccount, useCollaborators } from '../../api/queries.ts';
import type { Collaborator } from '../../api/shapes.ts';
import { useWording } from '../../language/language.tsx';
import { useAnnounce } from '../../parts/announcements.tsx';
import { Button } from '../../parts/button.tsx';
import { FormDialog } from '../../parts/dialog.tsx';
import { TextField, typedSince } from '../../parts/field.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Card } from '../../parts/section.tsx';
import { Status } from '../../parts/status.tsx';
import { navigate } from '../../routing/router.tsx';
import type { AppPageProps } from './app-page-props.ts';

/** Who may work on the app, and as what. */
export const Access = ({ app }: AppPageProps) => {
  const { t } = useWording();
  const { data: account } = useAccount();
  const { data: collaborators, error, refetch } = useCollaborators(app.name);
  const [removing, setRemoving] = useState<Collaborator>();
  const owns = account?.email === app.owner.email;
  return (
    <Card title={t('collaborators')} text={t(owns ? 'collaboratorsText' : 'onlyOwnerChanges')}>
      <Problem error={error} onRetry={() => void refetch()} />
      {owns && <Invite app={app.name} />}
      <ul className="rows">
        {collaborators?.map((collaborator) => (
          <li key={collaborator.id} className="row">
            <Icon name="people" />
            <span className="row-main">
              <bdi className="strong">{collaborator.user.email}</bdi>
            </span>
            <Status tone="calm">{t(collaborator.role === 'owner' ? 'owner' : 'collaborator')}</Status>
            {collaborator.role !== 'owner' && (owns || collaborator.user.email === account?.email) && (
              <button
                type="button"
                className="icon-button"
                aria-label={t('removeThis', { name: collaborator.user.email })}
                onClick={() => setRemoving(collaborator)}
              >
                <Icon name="remove" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {removing !== undefined && (
        <RemoveCollaborator
          app={app.name}
          email={removing.user.email}
          leaves={removing.user.email === account?.email}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </Card>
  );
};

const Invite = ({ app }: { readonly app: string }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [email, setEmail] = useState('');
  const add = useChange(app);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (email === '') return;
    const onSuccess = (): void => {
      announce(t('collaboratorAdded', { email }));
      setEmail(typedSince(email));
    };
    add.mutate({ method: 'POST', path: `/apps/${app}/collaborators`, body: { user: email } }, { onSuccess });
  };
  return (
    <div className="padded stack">
      <form className="inline-form" onSubmit={send}>
        <TextField
          label={t('email')}
          type="email"
          placeholder="ann@example.com"
          className="input ltr"
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.target.value.trim())}
        />
        <Button type="submit" kind="primary" busy={add.isPending} disabled={email === ''}>
          {t('addCollaborator')}
        </Button>
      </form>
      <Problem error={add.error} />
    </div>
  );
};

interface RemoveProps {
  readonly app: string;
  readonly email: string;
  /** Whoever is signed in removes themselves. */
  readonly leaves: boolean;
  readonly onClose: () => void;
}

const RemoveCollaborator = ({ app, email, leaves, onClose }: RemoveProps) => {
  const { t } = useWording();
  const remove = useChange(app, () => {
    onClose();
    if (leaves) navigate('/', { replace: true });
  });
  return (
    <FormDialog
      title={t('removeThis', { name: email })}
      submit={t('remove')}
      danger
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() =>
        remove.mutate({ method: 'DELETE', path: `/apps/${app}/collaborators/${encodeURIComponent(email)}` })
      }
      onClose={onClose}
    >
      <p>{t('removeCollaboratorText', { app })}</p>
    </FormDialog>
  );
};
