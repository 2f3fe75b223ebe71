/** Runs in each worker of the `prefork` command: loads the app and serves it on the inherited sockets until told to stop. */
import { inheritedListeners, ready, tellMaster } from '../inherited.ts';
import { isToWorker } from '../messages.ts';
import { readConfigFile } from '../settings/config-file.ts';
import { adoptListen } from './adopt-listen.ts';
import { loadApp } from './load-app.ts';
import { openObservers } from './observers.ts';
import { takeOrders } from './orders.ts';
import { Requests } from './requests.ts';
import { serverOf } from './server-of.ts';
import { stopWhenTold } from './stop.ts';

const bootFailedStatus = 3;
const beatEveryMs = 1_000;

const start = async (): Promise<void> => {
  const orders = takeOrders(process.env);
  const { settings, app } = orders;
  process.title = `prefork: worker [${settings.procName ?? app}]`;
  const listeners = inheritedListeners();
  const watchFd = Number(process.env.PREFORK_WATCH_FD);
  delete process.env.PREFORK_WATCH_FD;
  const watching =
    settings.timeout > 0 && watchFd > 0
      ? (await import('./watchdog.ts')).startWatchdog(orders.masterPid, settings.timeout * 1_000, watchFd)
      : Promise.resolve(() => undefined);
  const hooks = orders.configFile === undefined ? {} : (await readConfigFile(orders.configFile)).hooks;
  const observers = await openObservers(settings, hooks);
  const requests = new Requests(settings, observers);
  const adopted = adoptListen(listeners, settings, (server) => requests.attend(server));
  const stop = stopWhenTold({
    adopted,
    requests,
    observers,
    hooks,
    gracefulTimeoutMs: settings.gracefulTimeout * 1_000,
  });
  process.on('message', (message) => {
    if (!isToWorker(message)) return;
    if (message.prefork === 'stop') stop();
    else for (const observer of observers) observer.reopen?.();
  });
  if (settings.reload) (await import('./loaded-files.ts')).reportLoadedFiles();
  const loaded = await loadApp(app);
  await hooks.postWorkerInit?.();
  // An app that calls listen itself has done so by now, or does it later.
  if (loaded !== undefined && adopted.server === undefined) (await serverOf(loaded, settings)).listen();
  if (adopted.server === undefined) {
    tellMaster({
      prefork: 'log',
      level: 'info',
      text: `${app} exports no app; waiting for it to listen. Expected: export a server or a function as default, app, server, handler or fetch, or call listen`,
    });
  }
  const [beginWatch] = await Promise.all([watching, adopted.listening]);
  beginWatch();
  ready();
  const beat = (): void =>
    tellMaster({
      prefork: 'beat',
      rssBytes: process.memoryUsage.rss(),
      requests: requests.total,
      active: requests.active,
    });
  beat();
  setInterval(beat, beatEveryMs).unref();
};

start().catch((error: unknown) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`prefork: worker ${process.pid}: ${text}\n`);
  process.exit(bootFailedStatus);
});
