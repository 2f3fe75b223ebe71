import { type FormEvent, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useBranches } from '../../../api/queries.ts';
import type { Build } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { SelectField } from '../../../parts/field.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Section } from '../../../parts/section.tsx';
import { Output } from '../activity/output-dialog.tsx';

/** Builds a branch as it was pushed once more, with today's buildpacks, stack and base images. */
export const DeployBranch = ({ app }: { readonly app: string }) => {
  const { t } = useWording();
  const { data: branches, error } = useBranches(app);
  const [chosen, setChosen] = useState<string>();
  const build = useChange<Build>(app);
  const branch = branches?.find(({ name }) => name === chosen) ?? preferred(branches ?? []);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    const body = { source_blob: { ref: branch?.name } };
    if (branch !== undefined) build.mutate({ method: 'POST', path: `/apps/${app}/builds`, body });
  };
  return (
    <Section title={t('deployBranch')} text={t('deployBranchText')}>
      <Problem error={error} />
      {branches?.length === 0 && <p className="soft">{t('noBranches')}</p>}
      {branch !== undefined && (
        <form className="inline-form" onSubmit={send}>
          <SelectField
            label={t('branch')}
            hint={
              <bdi>
                <code>{branch.commit.slice(0, 8)}</code> {branch.description}
              </bdi>
            }
            value={branch.name}
            onChange={(event) => setChosen(event.target.value)}
          >
            {branches?.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </SelectField>
          <Button type="submit" busy={build.isPending}>
            {t('deployTheBranch')}
          </Button>
        </form>
      )}
      <Problem error={build.error} />
      {build.data !== undefined && <Output url={build.data.output_stream_url} label={t('buildOutput')} />}
    </Section>
  );
};

/** The one that a push deploys, else the one that was committed to last. */
const preferred = <Named extends { readonly name: string }>(branches: readonly Named[]): Named | undefined =>
  branches.find(({ name }) => name === 'main') ?? branches.find(({ name }) => name === 'master') ?? branches[0];
