import { useState } from 'react';
import { useBuilds, useChanges, useReleases } from '../../../api/queries.ts';
import type { Release } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import type { AppPageProps } from '../app-page-props.ts';
import { HappeningRow } from '../happening-row.tsx';
import { type Happening, historyOf, keyOf, wholePart } from '../history.ts';
import { CancelBuild } from './cancel-build.tsx';
import { ConfigDiff } from './config-diff.tsx';
import { OutputDialog } from './output-dialog.tsx';
import { RollBack } from './roll-back.tsx';

const pageSize = 50;

/** What an output is of. */
interface Source {
  readonly title: string;
  readonly url: string;
}

/** Rollbacks, add-ons and config changes; a deploy takes config vars as they are. */
const mayChangeVars = ({ description, version }: Release): boolean =>
  version > 1 && !/^(?:Deploy|Enable Logplex)/.test(description);

/** All that was done to the app, live, with the outputs of builds and release commands. */
export const Activity = ({ app: { name } }: AppPageProps) => {
  const { t } = useWording();
  const [most, setMost] = useState(pageSize);
  const released = useReleases(name, most);
  const built = useBuilds(name, most);
  const changed = useChanges(name, most);
  const [releases, builds, changes] = [released.data ?? [], built.data ?? [], changed.data ?? []];
  const isGrowing = [released, built, changed].some(({ isPlaceholderData }) => isPlaceholderData);
  const failed = [released, built, changed].find(({ error }) => error !== null);
  const [diff, setDiff] = useState<Release>();
  const [output, setOutput] = useState<Source>();
  const [target, setTarget] = useState<Release>();
  const { part, more } = wholePart(
    historyOf(releases, builds, changes),
    isGrowing ? most - pageSize : most,
    releases.map(({ created_at: at }) => at),
    builds.map(({ created_at: at }) => at),
    changes.map(({ at }) => at),
  );
  const buildOf = (release: Release) => builds.find((build) => build.release?.id === release.id);
  const sourcesOf = (happening: Happening): readonly Source[] => {
    if (happening.kind === 'change') return [];
    const build = happening.kind === 'build' ? happening.build : buildOf(happening.release);
    const command = happening.kind === 'release' ? happening.release.output_stream_url : null;
    return [
      ...(build === undefined ? [] : [{ title: t('buildOutput'), url: build.output_stream_url }]),
      ...(command === null ? [] : [{ title: t('releaseOutput'), url: command }]),
    ];
  };
  return (
    <Card title={t('activityFeed')}>
      <Problem error={failed?.error} onRetry={() => void failed?.refetch()} />
      <ul className="rows">
        {part.map((happening) => (
          <HappeningRow key={keyOf(happening)} happening={happening}>
            <span className="actions">
              {sourcesOf(happening).map((source) => (
                <Button key={source.url} id={source.url} small kind="quiet" onClick={() => setOutput(source)}>
                  {source.title}
                </Button>
              ))}
              {happening.kind === 'build' && <CancelBuild app={name} build={happening.build} />}
              {happening.kind === 'release' && mayChangeVars(happening.release) && (
                <Button small kind="quiet" onClick={() => setDiff(happening.release)}>
                  {t('configDiff')}
                </Button>
              )}
              {happening.kind === 'release' &&
                happening.release.eligible_for_rollback &&
                !happening.release.current && (
                  <Button small onClick={() => setTarget(happening.release)}>
                    {t('rollBackHere')}
                  </Button>
                )}
            </span>
          </HappeningRow>
        ))}
      </ul>
      {more && (
        <div className="actions padded">
          <Button busy={isGrowing} onClick={() => setMost(most + pageSize)}>
            {t('showMore')}
          </Button>
        </div>
      )}
      {output !== undefined && <OutputDialog {...output} onClose={() => setOutput(undefined)} />}
      {diff !== undefined && <ConfigDiff app={name} release={diff} onClose={() => setDiff(undefined)} />}
      {target !== undefined && <RollBack app={name} release={target} onClose={() => setTarget(undefined)} />}
    </Card>
  );
};
