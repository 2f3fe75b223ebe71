import type { MessageKey } from '../../language/en.data.ts';

/** The pages of an app, in the order of its tabs. */
export const tabs: readonly { readonly path: string; readonly label: MessageKey }[] = [
  { path: '', label: 'overview' },
  { path: '/resources', label: 'resources' },
  { path: '/deploy', label: 'deploy' },
  { path: '/metrics', label: 'metrics' },
  { path: '/logs', label: 'logs' },
  { path: '/activity', label: 'activity' },
  { path: '/access', label: 'access' },
  { path: '/settings', label: 'settings' },
];
