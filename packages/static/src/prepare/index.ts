export type { CollectEvent, CollectOptions, CollectResult, CollectRun } from './collect.ts';
export { collectStatic } from './collect.ts';
