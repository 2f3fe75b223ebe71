export { PortInUse } from './bind.ts';
export { inheritedListener, onStop, ready } from './inherited.ts';
export type { Master, MasterOptions } from './master.ts';
export { startMaster } from './master.ts';
export type { GroupOptions, WorkerReport } from './worker-group.ts';
