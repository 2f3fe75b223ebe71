import { type FormEvent, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { useAuthorizations } from '../../api/queries.ts';
import type { Authorization } from '../../api/shapes.ts';
import { useWording } from '../../language/language.tsx';
import { Button } from '../../parts/button.tsx';
import { Copyable } from '../../parts/copyable.tsx';
import { TextField, typedSince } from '../../parts/field.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Section } from '../../parts/section.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { RevokeTokens } from './revoke-tokens.tsx';

/** Tokens of command lines and programs; a token is shown once, when it is made. */
export const Tokens = () => {
  const { t } = useWording();
  const { data: authorizations = [], error } = useAuthorizations();
  const [description, setDescription] = useState('');
  const create = useChange<Authorization>('account');
  const revoke = useChange('account');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (description === '') return;
    const onSuccess = (): void => setDescription(typedSince(description));
    create.mutate({ method: 'POST', path: '/oauth/authorizations', body: { description } }, { onSuccess });
  };
  return (
    <Section title={t('tokens')} text={t('tokensText')}>
      <Problem error={error ?? revoke.error} />
      <ul className="rows">
        {authorizations.map(({ id, description: what, created_at: at, access_token: { token } }) => (
          <li key={id} className="row">
            <span className="row-main">
              <bdi className="strong">{what === '' ? t('unnamed') : what}</bdi>
              <span className="soft small-text">
                <code>{token}</code> · <TimeAgo time={at} />
              </span>
            </span>
            <button
              type="button"
              className="icon-button"
              aria-label={t('revokeThis', { name: what === '' ? t('unnamed') : what })}
              onClick={() => revoke.mutate({ method: 'DELETE', path: `/oauth/authorizations/${id}` })}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <form className="inline-form" onSubmit={send}>
        <TextField
          label={t('tokenDescription')}
          autoComplete="off"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <Button type="submit" busy={create.isPending} disabled={description === ''}>
          {t('createToken')}
        </Button>
      </form>
      <Problem error={create.error} />
      {authorizations.length > 1 && <RevokeTokens tokens={authorizations} />}
      {create.data !== undefined && (
        <div className="notice good" role="status">
          <p>{t('tokenShownOnce')}</p>
          <Copyable text={create.data.access_token.token} />
        </div>
      )}
    </Section>
  );
};
