import type { App } from '../../api/shapes.ts';

/** What each page of an app gets. */
export interface AppPageProps {
  readonly app: App;
  /** What follows the page's name in the address: `/apps/shop/activity/v3`. */
  readonly part: string | undefined;
}
