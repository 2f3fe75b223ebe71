/** Main of the control process; started by the supervisor, which holds the listening socket. */
import { flushCompileCache } from 'node:module';
import { inheritedListener, onStop, ready } from '@ravine/prefork';
import { startControl } from '../control/control.ts';
import { readSettings, SettingError } from '../domain/settings.ts';

const settings = readSettings({}, process.env);
if (settings.dataFolder === undefined)
  throw new SettingError('control is started by `ravine up`, which names the data folder');
const { fd } = inheritedListener();
const control = await startControl({ ...settings, dataFolder: settings.dataFolder }).catch((error: unknown) => {
  // The supervisor tries again; whoever sits at its terminal is told what it waits for.
  process.stderr.write(`ravine: control could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
control.server.listen({ fd }, () => {
  ready();
  flushCompileCache();
});
onStop(async () => {
  await control[Symbol.asyncDispose]();
});
