import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { askAnew } from '../../api/anew.ts';
import { ask } from '../../api/request.ts';
import type { Authorization } from '../../api/shapes.ts';
import { useWording } from '../../language/language.tsx';
import { useAnnounce } from '../../parts/announcements.tsx';
import { Button } from '../../parts/button.tsx';
import { FormDialog } from '../../parts/dialog.tsx';

/** Logs out all that is not a browser. */
export const RevokeTokens = ({ tokens }: { readonly tokens: readonly Authorization[] }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: async () => {
      for (const { id } of tokens) await ask('DELETE', `/oauth/authorizations/${id}`);
    },
    onSuccess: () => {
      setAsking(false);
      announce(t('tokensRevoked'));
    },
    onSettled: () => askAnew(queries, { queryKey: ['account', 'authorizations'] }),
  });
  return (
    <div className="actions">
      <Button kind="danger" onClick={() => setAsking(true)}>
        {t('revokeAllTokens')}
      </Button>
      {asking && (
        <FormDialog
          title={t('revokeAllTokens')}
          submit={t('revokeAllTokens')}
          danger
          busy={revoke.isPending}
          error={revoke.error}
          onSubmit={() => revoke.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{t('revokeAllTokensText', { n: tokens.length })}</p>
        </FormDialog>
      )}
    </div>
  );
};
