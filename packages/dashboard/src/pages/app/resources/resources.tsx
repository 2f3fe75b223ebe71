import { AddOnPage } from '../add-on/add-on-page.tsx';
import type { AppPageProps } from '../app-page-props.ts';
import { AddOns } from './add-ons.tsx';
import { Dynos } from './dynos.tsx';

/** What the app runs on: dynos and add-ons; or one of its add-ons, by the name that follows in the address. */
export const Resources = ({ app: { name }, part }: AppPageProps) =>
  part === undefined ? (
    <div className="stack-l">
      <Dynos app={name} />
      <AddOns app={name} />
    </div>
  ) : (
    <AddOnPage key={part} app={name} name={part} />
  );
