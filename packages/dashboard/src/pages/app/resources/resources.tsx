import type { AppPageProps } from '../app-page-props.ts';
import { AddOns } from './add-ons.tsx';
import { Dynos } from './dynos.tsx';

/** What the app runs on: dynos and add-ons. */
export const Resources = ({ app: { name } }: AppPageProps) => (
  <div className="stack-l">
    <Dynos app={name} />
    <AddOns app={name} />
  </div>
);
