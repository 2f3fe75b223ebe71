import type { AppPageProps } from '../app-page-props.ts';
import { AppInformation } from './app-information.tsx';
import { Buildpacks } from './buildpacks.tsx';
import { Certificates } from './certificates.tsx';
import { ConfigVarsSection } from './config-vars.tsx';
import { DeleteApp } from './delete-app.tsx';
import { Domains } from './domains.tsx';
import { Maintenance } from './maintenance.tsx';
import { Stack } from './stack.tsx';
import { TransferApp } from './transfer-app.tsx';

/** Everything about an app that is set rather than done. */
export const Settings = ({ app }: AppPageProps) => (
  <div className="sections">
    <AppInformation app={app} />
    <ConfigVarsSection app={app} />
    <Stack app={app} />
    {app.build_stack.name !== 'container' && <Buildpacks app={app} />}
    <Domains app={app} />
    <Certificates app={app} />
    <Maintenance app={app} />
    <TransferApp app={app} />
    <DeleteApp app={app} />
  </div>
);
