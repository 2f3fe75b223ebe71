import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useStacks } from '../../../api/queries.ts';
import type { App } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { SelectField } from '../../../parts/field.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Section } from '../../../parts/section.tsx';

/** What the next build is made for; what runs stays as it is until then. */
export const Stack = ({ app }: { readonly app: App }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const { data: stacks = [], error } = useStacks();
  const current = app.build_stack.name;
  /** Until it is what the app has. */
  const [chosen, choose] = useState<string>();
  if (chosen === current) choose(undefined);
  const wanted = chosen ?? current;
  const queries = useQueryClient();
  const change = useChange<App>(app.name, (changed) => {
    // At once: who chooses again before the app is asked for anew chooses from what it is now.
    queries.setQueryData(['app', app.name], changed);
    announce(t('stackSet', { name: changed.build_stack.name }));
  });
  const names = [...new Set([current, ...stacks.map(({ name }) => name)])].sort();
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (wanted !== current)
      change.mutate({ method: 'PATCH', path: `/apps/${app.name}`, body: { build_stack: wanted } });
  };
  return (
    <Section title={t('stack')} text={t('stackText')}>
      <form className="inline-form" onSubmit={send}>
        <SelectField
          label={t('nextStack')}
          hint={t(wanted === 'container' ? 'stackContainerText' : 'stackBuildpackText')}
          value={wanted}
          onChange={(event) => choose(event.target.value)}
        >
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </SelectField>
        <Button type="submit" busy={change.isPending} disabled={wanted === current}>
          {t('setStack')}
        </Button>
      </form>
      {current !== app.stack.name && <p>{t('stackPending', { name: app.name, now: app.stack.name, next: current })}</p>}
      <Problem error={error ?? change.error} />
    </Section>
  );
};
