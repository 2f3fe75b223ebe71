import type { DashboardVisit } from '../e2e/harness/dashboard.ts';
import type { Look } from '../e2e/harness/looks.ts';

/** A page by its address, or what it shows after buttons and links were pressed, named in English. */
export interface Picture {
  readonly name: string;
  readonly path: string;
  readonly press?: readonly string[];
  readonly show?: (visit: DashboardVisit, password: string) => Promise<void>;
  /** It is only seen by whoever knows the password. */
  readonly asksPassword?: boolean;
}

const showQrCode = async (visit: DashboardVisit, password: string): Promise<void> => {
  await visit.field('Current password').fill(password);
  await visit.press('Go on');
  await visit.text('Or type this secret:').waitFor();
};

const followFirstLine = async (visit: DashboardVisit): Promise<void> => {
  await visit.page.locator('.log-line').filter({ hasText: 'method=GET' }).last().getByRole('link').first().click();
  await visit.page.locator('.log-line.marked').waitFor();
};

const waitForCharts = (visit: DashboardVisit): Promise<void> => visit.page.locator('canvas').nth(3).waitFor();

export const pictures = (app: string): readonly Picture[] => [
  { name: 'apps', path: '/' },
  { name: 'create', path: '/', press: ['Create app'] },
  { name: 'jump', path: '/', show: ({ page }) => page.keyboard.press('Control+k') },
  { name: 'overview', path: `/apps/${app}` },
  { name: 'menu', path: `/apps/${app}`, press: ['More'] },
  { name: 'overview-new', path: '/apps/empty-room' },
  { name: 'resources', path: `/apps/${app}/resources` },
  { name: 'add-on', path: `/apps/${app}/resources`, press: ['Add an add-on'] },
  { name: 'attach', path: `/apps/${app}/resources`, press: ['Attach an add-on of another app'] },
  {
    name: 'database',
    path: `/apps/${app}/resources`,
    show: ({ page }) => page.getByRole('link', { name: 'Heroku Postgres' }).first().click(),
  },
  { name: 'cache', path: `/apps/${app}/resources/shop-cache` },
  { name: 'bucket', path: `/apps/${app}/resources/shop-bucket` },
  { name: 'jobs', path: `/apps/${app}/resources/shop-jobs` },
  { name: 'job', path: `/apps/${app}/resources/shop-jobs`, press: ['Add job'] },
  { name: 'deploy', path: `/apps/${app}/deploy` },
  { name: 'metrics', path: `/apps/${app}/metrics`, show: waitForCharts },
  { name: 'logs', path: `/apps/${app}/logs` },
  { name: 'log-line', path: `/apps/${app}/logs`, show: followFirstLine },
  { name: 'activity', path: `/apps/${app}/activity` },
  { name: 'output', path: `/apps/${app}/activity`, press: ['Build output'] },
  { name: 'roll-back', path: `/apps/${app}/activity`, press: ['Roll back here'] },
  { name: 'changed', path: `/apps/${app}/activity`, press: ['What changed', 'Reveal values'] },
  { name: 'access', path: `/apps/${app}/access` },
  { name: 'settings', path: `/apps/${app}/settings` },
  { name: 'config', path: `/apps/${app}/settings`, press: ['Reveal Config Vars'] },
  { name: 'upload', path: `/apps/${app}/settings`, press: ['Upload a certificate'] },
  { name: 'delete', path: `/apps/${app}/settings`, press: ['Delete app'] },
  { name: 'console', path: `/apps/${app}/console`, press: ['Run'] },
  { name: 'account', path: '/account' },
  { name: 'two-factor', path: '/account/two-factor' },
  { name: 'qr-code', path: '/account/two-factor', show: showQrCode, asksPassword: true },
  { name: 'machine', path: '/machine' },
  { name: 'missing', path: '/nowhere' },
];

/** What the README shows. */
export const readmePictures = (app: string): readonly (Picture & Pick<Look, 'language' | 'theme'>)[] => [
  { name: 'overview', path: `/apps/${app}`, language: 'en', theme: 'light' },
  { name: 'settings', path: `/apps/${app}/settings`, language: 'en', theme: 'light' },
  { name: 'activity-fa', path: `/apps/${app}/activity`, language: 'fa', theme: 'dark' },
];
