/** Runs in each worker of the `prefork` command: loads the app and serves it on the inherited sockets until told to stop. */
import { announceReady, inheritedListeners, tellMaster } from '../inherited.ts';
import { isToWorker } from '../messages.ts';
import { readConfigFile } from '../settings/config-file.ts';
import { adoptListen } from './adopt-listen.ts';
import { loadApp } from './load-app.ts';
import type { Observer } from './observer.ts';
import { openObservers } from './observers.ts';
import { takeOrders } from './orders.ts';
import { Requests } from './requests.ts';
import { closerOf, serverOf } from './server-of.ts';
import { stopWhenTold } from './stop.ts';

const bootFailedStatus = 3;
const beatEveryMs = 1_000;

const reopenLogs = (observers: readonly Observer[]): void => {
  for (const observer of observers) {
    try {
      observer.reopen?.();
    } catch (error) {
      const text = `worker ${process.pid}: ${error instanceof Error ? error.message : String(error)}`;
      tellMaster({ prefork: 'log', level: 'error', text });
    }
  }
};

const start = async (): Promise<void> => {
  const orders = takeOrders(process.env);
  const { settings, app } = orders;
  process.title = `prefork: worker [${settings.procName ?? app}]`;
  const listeners = inheritedListeners();
  const hooks = orders.configFile === undefined ? {} : (await readConfigFile(orders.configFile)).hooks;
  const observers = await openObservers(settings, hooks);
  const requests = new Requests(settings, observers);
  const adopted = adoptListen(listeners, settings, (server) => requests.attend(server));
  let closeApp: ReturnType<typeof closerOf>;
  const stop = stopWhenTold({
    adopted,
    requests,
    observers,
    hooks,
    gracefulTimeoutMs: settings.gracefulTimeout * 1_000,
    closeApp: () => closeApp?.(),
  });
  process.on('message', (message) => {
    if (!isToWorker(message)) return;
    if (message.prefork === 'stop') stop();
    else reopenLogs(observers);
  });
  if (settings.reload) (await import('./loaded-files.ts')).reportLoadedFiles();
  const loaded = await loadApp(app);
  adopted.loaded();
  closeApp = closerOf(loaded);
  await hooks.postWorkerInit?.();
  if (!(await adopted.settle(loaded, () => serverOf(loaded, settings)))) {
    tellMaster({
      prefork: 'log',
      level: 'warning',
      text: `${app} exports an app, but waits for another server to listen before; that one is served. Let it listen without waiting, or after the app`,
    });
  }
  if (adopted.server === undefined) {
    tellMaster({
      prefork: 'log',
      level: 'info',
      text: `${app} exports no app; waiting for it to listen. Expected: export a server or a function as default, app, server, handler or fetch, or call listen`,
    });
  }
  await adopted.listening;
  announceReady();
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
