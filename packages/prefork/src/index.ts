export { PortInUse } from './bind.ts';
export { inheritedListener, inheritedListeners, type Listener, onStop, ready } from './inherited.ts';
export type { GroupOptions, Master, MasterOptions, WorkerReport } from './master.ts';
export { startMaster } from './master.ts';
export type { Config } from './settings/config.ts';
export { type Client, clientOf } from './worker/client-of.ts';
