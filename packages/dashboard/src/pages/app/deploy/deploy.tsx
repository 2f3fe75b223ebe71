import type { AppPageProps } from '../app-page-props.ts';
import { BuildHistory } from './build-history.tsx';
import { DeployArchive } from './deploy-archive.tsx';
import { DeployBranch } from './deploy-branch.tsx';
import { DeployByGit } from './deploy-by-git.tsx';

/** How the app gets new code, and the builds that it got. */
export const Deploy = ({ app }: AppPageProps) => (
  <div className="stack-l">
    <div className="sections">
      <DeployByGit app={app} />
      <DeployBranch app={app.name} />
      <DeployArchive app={app.name} />
    </div>
    <BuildHistory app={app.name} />
  </div>
);
