import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask } from '../api/request.ts';
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
  const signIn = useMutation({
    mutationFn: () => ask('POST', '/dashboard/session', { email, password }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['account'] }),
  });
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
