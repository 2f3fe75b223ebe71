import { useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useAccount } from '../../../api/queries.ts';
import type { App } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { TextField } from '../../../parts/field.tsx';
import { Section } from '../../../parts/section.tsx';
import { navigate } from '../../../routing/router.tsx';

/** The name has to be typed: with the app its databases go. */
export const DeleteApp = ({ app: { name, owner } }: { readonly app: App }) => {
  const { t } = useWording();
  const { data: account } = useAccount();
  const announce = useAnnounce();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const remove = useChange(undefined, () => {
    announce(t('deleted', { name }));
    navigate('/', { replace: true });
  });
  if (account?.email !== owner.email) {
    return (
      <Section title={t('deleteApp')}>
        <p className="soft">{t('onlyOwnerDeletes', { email: owner.email })}</p>
      </Section>
    );
  }
  return (
    <Section title={t('deleteApp')} text={t('deleteAppText')} danger>
      <div className="actions">
        <Button kind="danger" onClick={() => setAsking(true)}>
          {t('deleteApp')}
        </Button>
      </div>
      {asking && (
        <FormDialog
          title={t('deleteThis', { name })}
          submit={t('deleteApp')}
          danger
          busy={remove.isPending}
          disabled={typed !== name}
          error={remove.error}
          onSubmit={() => remove.mutate({ method: 'DELETE', path: `/apps/${name}` })}
          onClose={() => setAsking(false)}
        >
          <p>{t('deleteAppText')}</p>
          <TextField
            label={t('typeName', { name })}
            className="input ltr"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </FormDialog>
      )}
    </Section>
  );
};
