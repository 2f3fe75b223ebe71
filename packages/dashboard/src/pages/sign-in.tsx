import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { askAnew } from '../api/anew.ts';
import { ApiError, ask } from '../api/request.ts';
import { useWording } from '../language/language.tsx';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { Mark } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { LanguageSwitch, ThemeSwitch } from '../shell/switches.tsx';
import { useTitle } from './use-title.ts';

/** For strangers; whoever signs in stays at the address that they asked for. */
export const SignIn = () => {
  const { t } = useWording();
  useTitle(t('signIn'));
  const queries = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const signIn = useMutation({
    mutationFn: () => ask('POST', '/dashboard/session', { email, password, second_factor: code || null }),
    onSuccess: () => askAnew(queries, { queryKey: ['account'] }),
  });
  const asksCode = code !== '' || (signIn.error instanceof ApiError && signIn.error.id === 'two_factor');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (!signIn.isPending) signIn.mutate();
  };
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <p className="brand">
          <Mark size={28} />
          Ravine
        </p>
        <h1>{t('signIn')}</h1>
        <form className="stack" onSubmit={send}>
          <Problem error={signIn.error} />
          <TextField
            label={t('email')}
            type="email"
            name="email"
            autoComplete="username"
            className="input ltr"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <TextField
            label={t('password')}
            type="password"
            name="password"
            autoComplete="current-password"
            className="input ltr"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          {asksCode && (
            <TextField
              label={t('authenticatorCode')}
              name="one-time-code"
              autoComplete="one-time-code"
              className="input ltr"
              spellCheck={false}
              required
              value={code}
              onChange={(event) => setCode(event.target.value.trim())}
            />
          )}
          <Button kind="primary" type="submit" busy={signIn.isPending}>
            {t('signIn')}
          </Button>
        </form>
        <p className="soft small-text">{t('signInHint')}</p>
      </div>
      <div className="sign-in-foot">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </main>
  );
};
