export { PortInUse } from './bind.ts';
export { inheritedListener, inheritedListeners, type Listener, onStop, ready } from './inherited.ts';
export type { GroupOptions, Master, MasterOptions, WorkerReport } from './master.ts';
export { startMaster } from './master.ts';
