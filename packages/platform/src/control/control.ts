import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { pino } from 'pino';
import { createApi } from '../api/create-api.ts';
import { dynoTerminal } from '../api/dyno-terminal.ts';
import { Runtimes } from '../build/runtimes.ts';
import { challengeCertificate } from '../certs/acme/challenge-certificate.ts';
import { openAuthority } from '../certs/authority.ts';
import { CertificateManager } from '../certs/certificate-manager.ts';
import { appAddress } from '../domain/app-address.ts';
import { dataFolder } from '../domain/data-folder.ts';
import type { AppId } from '../domain/ids.ts';
import type { Settings } from '../domain/settings.ts';
import { ReceiveHook } from '../git/receive-hook.ts';
import { LogIngest } from '../logs/log-ingest.ts';
import { LogStore } from '../logs/log-store.ts';
import { locateBinaries } from '../postgres/binaries.ts';
import { ClusterTemplate } from '../postgres/template.ts';
import { Releases } from '../release/releases.ts';
import { RouteHub } from '../router/route-hub.ts';
import { DriverByArtifact } from '../runtime/drivers/by-artifact.ts';
import { ProcessDriver } from '../runtime/drivers/process/process-driver.ts';
import { Reconciler } from '../runtime/reconciler.ts';
import { openKeyring } from '../secrets/keyring.ts';
import { apps } from '../store/apps.ts';
import { openDatabase } from '../store/database.ts';
import { EventFeed } from '../store/event-feed.ts';
import { migrate } from '../store/migrate.ts';
import { PemCertificates } from '../wire/pem-certificates.ts';
import { openAddOnServices } from './add-on-services.ts';
import { AppFactsReader } from './app-facts.ts';
import { appMetrics } from './app-metrics.ts';
import { AttachedRuns } from './attached-runs.ts';
import { BuildService } from './build-service.ts';
import { CertificateFiles } from './certificate-files.ts';
import { certificateRecords } from './certificate-records.ts';
import { dashboardSite } from './dashboard-site.ts';
import { lastSnapshot, makeDataFolders } from './data-folders.ts';
import { desiredPort } from './desired-port.ts';
import { dynoRowPort } from './dyno-row-port.ts';
import { EngineWatch } from './engine-watch.ts';
import { ensureFirstAccount } from './first-account.ts';
import { closeFrontServer, frontServer } from './front-server.ts';
import { gitEndpoint } from './git-endpoint.ts';
import { Housekeeping } from './housekeeping.ts';
import { logSessionService } from './log-sessions.ts';
import { machine } from './machine.ts';
import { mediaHosts, mediaId, mediaRoute, objectStorage } from './object-storage.ts';
import { OutputFiles } from './output-files.ts';
import { ReleaseCommands } from './release-commands.ts';
import { logRelease } from './release-news.ts';
import { replaceWorker } from './replace-worker.ts';
import { Routes } from './routes.ts';
import { slugFiles } from './slug-files.ts';
import { openStoreServer } from './store-server.ts';

const mb = 1024 * 1024;
const dayMs = 24 * 60 * 60 * 1000;

export interface Control extends AsyncDisposable {
  /** http and https; to be told where to listen. */
  readonly server: Server;
}

/** Starts control on its data folder: adopts what runs, then begins to serve. Disposing of it stops nothing that users rely on. */
export const startControl = async (settings: Settings & { dataFolder: string }): Promise<Control> => {
  const data = dataFolder(settings.dataFolder);
  const stopping = new AbortController();
  const log = pino({ base: { process: 'control' } }, pino.destination({ dest: data.platformLog, sync: true }));
  const onFault = (error: unknown): void =>
    log.error({ err: error }, error instanceof Error ? error.message : String(error));
  await using stack = new AsyncDisposableStack();
  await makeDataFolders(data);

  const binaries = await locateBinaries(data.runtimes);
  const template = new ClusterTemplate(binaries, data.runtimes);
  const [store, keyring, authority] = await Promise.all([
    openStoreServer(settings, data, { binaries, template }, stopping.signal),
    openKeyring(data.secrets),
    openAuthority(data.root),
  ]);
  stack.use(store);
  const db = openDatabase(store.address, () => store.nudge());
  stack.defer(() => db.destroy());
  const events = stack.use(new EventFeed(db, store.address));
  await migrate(db);
  await ensureFirstAccount(db, data, settings.adminEmail);

  const logStore = stack.use(
    new LogStore({
      folder: data.logs,
      limits: { totalBytes: settings.logMb * mb, maxAgeMs: settings.logDays * dayMs },
      onError: (_app, error) => onFault(error),
    }),
  );
  const ingest = new LogIngest({ store: logStore, onError: onFault });
  stack.defer(() => ingest.close());
  const metrics = stack.use(appMetrics(db, data, ingest.sink, onFault));
  const logs = { sink: metrics.sink, settled: () => ingest.settled(), lastMark: logStore.lastMark.bind(logStore) };

  const appHost = (name: string): string => `${name}.${settings.appDomain}`;
  const appUrl = (name: string): string => `${appAddress(settings, name)}/`;
  const outputs = new OutputFiles();
  const containers = stack.use(await EngineWatch.start({ settings, data, onFault }));
  const processes = await ProcessDriver.open({
    folder: data.dynos,
    ports: { from: settings.dynoPorts.first, to: settings.dynoPorts.last },
  });
  // Each looks after the dynos that it has, also those from a time when the setting was the other.
  const [slug, others] = settings.driver === 'docker' ? [containers.driver, [processes]] : [processes, []];
  const driver = new DriverByArtifact({ slug, image: containers.driver }, { others, onFault });
  stack.use(processes);
  const releases: Releases = new Releases(db, keyring, {
    runPhase: (app, release) => commands.phase(app, release),
    onRelease: (app, release) => {
      if (release.status !== 'failed') ingest.setConfig(app.id, releases.configOf(release));
      logRelease(logs.sink, app.id, release);
      nudge(app.id);
    },
  });
  const desired = desiredPort(db, releases, data, appHost);
  const commands = new ReleaseCommands({
    db,
    runKept: containers.runKept,
    data,
    driver,
    logs,
    desired,
    outputs,
    signal: stopping.signal,
  });
  const hub = stack.use(
    await RouteHub.open({
      socketPath: data.routerSocket,
      routesFile: data.routes,
      onForeign: replaceWorker((text) => log.warn(text)),
      onLines: (lines) => {
        for (const { appId, atMs, text } of lines) {
          if (appId === mediaId) continue; // Buckets have no log.
          logs.sink(appId, [{ atUs: atMs * 1000, source: 'heroku', dyno: 'router', text }]);
        }
        return logs.settled();
      },
    }),
  );
  const localCertificate = await authority.certificateFor(['localhost', '127.0.0.1', '::1']);
  const certificateFiles = await CertificateFiles.open(data.certificates);
  const storage = stack.use(objectStorage(settings, data));
  const mediaCertificate = await authority.certificateFor(mediaHosts(settings));
  const routes = new Routes({
    media: () => mediaRoute(settings, mediaCertificate, storage.port),
    source: new AppFactsReader({
      db,
      releases,
      keyring,
      files: certificateFiles,
      hostOf: appHost,
      certificateFor: (host) => authority.certificateFor([host]),
      challengeCertificate,
      onFault,
    }),
    side: hub,
    fallbackCertificate: localCertificate,
    keepFiles: (paths) => certificateFiles.keepOnly(paths),
  });
  await routes.loadAll(await lastSnapshot(data));
  storage.onPort(() => void routes.resend().catch(onFault));

  const reconciler = new Reconciler(
    driver,
    { desired, rows: dynoRowPort(db, keyring), logs, routes, onFault, onUsage: metrics.onUsage },
    { bootMs: settings.bootSeconds * 1000, stopMs: settings.stopSeconds * 1000 },
  );
  stack.use(reconciler);
  const addOns = stack.use(
    openAddOnServices({
      ...{ db, keyring, data, settings, releases, binaries, template, containers, storage, onFault },
      certificate: localCertificate,
      log: logs.sink,
      nudge: (appId) => nudge(appId),
    }),
  );
  const certificates = stack.use(
    new CertificateManager(
      certificateRecords({ db, keyring, log: logs.sink, routed: (appId) => routes.refresh(appId) }),
      {
        directoryUrl: settings.acmeDirectory,
        email: settings.acmeEmail,
        ca: settings.acmeCa === undefined ? undefined : await readFile(settings.acmeCa, 'utf8'),
        dnsServer: settings.acmeDns,
      },
      onFault,
    ),
  );
  const runs = stack.use(new AttachedRuns({ db, keyring, driver, logs, desired, onFault }));
  const builds = new BuildService({
    db,
    releases,
    addOns: addOns.reconciler,
    data,
    outputs,
    appUrl,
    onFault,
    runtimes: new Runtimes(data.runtimes),
    imageBuilder: () => containers.imageBuilder(),
    limits: {
      slugBytes: settings.slugMb * mb,
      cacheBytes: settings.cacheMb * mb,
      timeMs: settings.buildSeconds * 1000,
      memoryBytes: settings.buildMemoryMb * mb,
      maxProcesses: 1024,
    },
    log: logs.sink,
    postdeploy: (app, release, command, output) => commands.postdeploy(app, release, command, output),
  });
  const housekeeping = stack.use(
    new Housekeeping({
      db,
      data,
      settings,
      onFault,
      collectImages: async (keep) => containers.engine?.collectImages(keep),
      traces: {
        endWork: (appId) => {
          commands.forget(appId);
          return builds.forget(appId) || releases.hasPhase(appId);
        },
        // A build under way may be about to use one; what stays then is collected later.
        removeImages: async (images) => {
          if (builds.isIdle) await containers.engine?.removeImages(images).catch(() => undefined);
        },
        removeLogs: async (appId) => {
          ingest.forget(appId);
          await logStore.removeApp(appId);
        },
      },
    }),
  );
  const nudge = (appId: AppId): void => {
    reconciler.onChange(appId);
    void Promise.all([routes.refresh(appId), runs.onChange(appId)]).catch(onFault);
    housekeeping.nudge();
    addOns.onChange();
  };

  const receiveHook = stack.use(new ReceiveHook({ stopping: stopping.signal, onError: onFault }));
  await builds.failInterrupted();
  await releases.failInterrupted();
  // Secrets are known to the redaction before a dyno's first line is read.
  for (const app of await apps.all(db)) ingest.setConfig(app.id, await releases.config(app.id));
  await runs.resume();
  await reconciler.start();
  void routes.resend().catch(onFault);

  const api = await createApi(
    {
      db,
      events,
      keyring,
      releases,
      builds,
      addOns: addOns.reconciler,
      caches: addOns.caches,
      storage: { usage: ({ id }) => storage.usage(id) },
      outputs: {
        build: (build, signal) => outputs.follow(data.buildOutput(build.id), signal),
        release: (release, signal) => outputs.follow(data.releaseOutput(release.id), signal),
      },
      slugFiles: slugFiles(data),
      databases: addOns.databases,
      runtime: { nudge },
      domainChanges: { routed: (appId) => routes.refresh(appId), nudgeAcm: () => certificates.onChange() },
      logs: logSessionService(logStore, logs.sink, stopping.signal),
      metrics,
      machine: machine({ db, settings, data, routers: () => hub.connected, backups: addOns.backupFacts }),
      runSessions: runs,
      urls: {
        api: `http://localhost:${settings.apiPort}`,
        appUrl,
        appHost,
        appDomain: settings.appDomain,
        gitUrl: (name) => `https://localhost:${settings.apiPort}/${name}.git`,
      },
      now: () => new Date(),
    },
    {
      requestsPerHour: settings.requestsPerHour,
      sourcesFolder: data.sources,
      hasContainerEngine: () => containers.engine !== undefined,
      onFault: (error, requestId) => log.error({ err: error, requestId }, 'a request failed'),
    },
  );
  stack.defer(() => api.close());
  const server = frontServer({
    db,
    git: gitEndpoint({ db, data, builds, receiveHook, onFault }),
    dashboard: dashboardSite(),
    terminal: dynoTerminal({ db, sessions: runs, onFault }),
    api: api.server,
    port: {
      certificates: new PemCertificates(() => localCertificate),
      rendezvous: (socket, firstLine) => runs.accept(socket, firstLine),
    },
  });
  stack.defer(() => closeFrontServer(server));
  // A server is closed when its connections are, those of attached dynos too.
  stack.defer(() => runs[Symbol.asyncDispose]());
  // First of all at the end: tails that end cleanly come back to the next process.
  stack.defer(() => events.close());
  stack.defer(() => stopping.abort());
  log.info('control is up');
  const owned = stack.move();
  return { server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
};
