import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import type { AddOnRecord } from '../../addons/ports.ts';
import { schedulerProvider } from '../../addons/providers/scheduler.ts';
import { AddOnReconciler } from '../../addons/reconciler.ts';
import { invalidParams } from '../../contract/platform-error.ts';
import type { AppId } from '../../domain/ids.ts';
import { serveLogSession } from '../../logs/log-session.ts';
import { LogStore } from '../../logs/log-store.ts';
import { MetricStore } from '../../metrics/metric-store.ts';
import { readReport } from '../../metrics/report.ts';
import { type Actor, Releases } from '../../release/releases.ts';
import { RunSessions } from '../../run-sessions/run-sessions.ts';
import { openKeyring } from '../../secrets/keyring.ts';
import { hashPassword } from '../../secrets/password.ts';
import { type Account, accounts } from '../../store/accounts.ts';
import { addOns } from '../../store/add-ons.ts';
import { type App, apps } from '../../store/apps.ts';
import { builds } from '../../store/builds.ts';
import { isStoreDown, openDatabase } from '../../store/database.ts';
import { EventFeed } from '../../store/event-feed.ts';
import type { ApiOptions } from '../api-options.ts';
import { createApi } from '../create-api.ts';
import { grant } from '../resources/authorizations.ts';
import type { Services } from '../services.ts';
import { noDatabases } from './no-databases.ts';
import { quickCaches } from './quick-caches.ts';
import { quickProvider } from './quick-provider.ts';
import { startTestStore, type TestStore } from './store-cluster.ts';

/** The API on a real store and a real port; what it hands work to notes it, or does the least that is real. */
export interface TestPlatform {
  readonly store: TestStore;
  readonly services: Services;
  readonly api: FastifyInstance;
  readonly port: number;
  readonly url: string;
  /** Apps that the runtime was told of. */
  readonly nudged: AppId[];
  readonly faults: unknown[];
  failProvisioning: string | undefined;
  account(email: string): Promise<{ account: Account; token: string; password: string }>;
  close(): Promise<void>;
}

const pushedSha = '0123456789abcdef0123456789abcdef01234567';

/** What all builds begin with. */
const unbuilt = (app: App, by: Actor) => ({
  appId: app.id,
  accountId: by.id,
  accountEmail: by.email,
  stack: app.buildStack,
  outputSecret: 'build-output-secret',
  slugId: null,
  releaseId: null,
  failureReason: null,
});

export const startTestPlatform = async (options: Partial<ApiOptions> = {}): Promise<TestPlatform> => {
  const store = await startTestStore();
  return joinTestPlatform(store, options, () => store.close());
};

/** A platform on a store that is there already. */
export const joinTestPlatform = async (
  store: TestStore,
  options: Partial<ApiOptions>,
  afterClose: () => Promise<void>,
): Promise<TestPlatform> => {
  const db = openDatabase(store.url, () => {}); // a test stops the store on purpose
  const events = new EventFeed(db, store.url);
  const keyring = await openKeyring(join(store.folder, 'secrets'));
  const nudged: AppId[] = [];
  const faults: unknown[] = [];
  const releases = new Releases(db, keyring, {
    runPhase: async () => ({ ok: true }),
    onRelease: (app) => void nudged.push(app.id),
  });
  const logStore = new LogStore({ folder: join(store.folder, 'logs') });
  const metricStore = new MetricStore(join(store.folder, 'metrics'));
  const runSessions = new RunSessions({ run: async () => 0, onUnclaimed: () => {}, onError: () => {} });
  const platform = { failProvisioning: undefined as string | undefined };
  const reconciler = new AddOnReconciler(
    {
      live: async () => (await addOns.live(db)) as readonly AddOnRecord[], // live ones are never deprovisioned
      provisioned: async (id, made) => {
        const addOn = await addOns.byId(db, id);
        const app = addOn === undefined ? undefined : await apps.find(db, addOn.appId);
        if (app === undefined) return;
        const by = { id: app.ownerId, email: 'heroku-postgresql@addons.heroku.com' };
        await releases.provisioned(id, by, { config: made.config, resource: { ...made.resource } });
      },
      abandoned: async (id, failureReason) =>
        void (await addOns.update(db, id, { state: 'deprovisioning', failureReason })),
      deprovisioned: async (id) => void (await addOns.update(db, id, { state: 'deprovisioned' })),
      noteFailure: async (id, failureReason) => void (await addOns.update(db, id, { failureReason })),
    },
    [
      quickProvider(() => platform.failProvisioning),
      quickProvider(() => undefined, 'memcachier', { SERVERS: 'localhost:5997', USERNAME: 'MAIN', PASSWORD: 'p' }),
      quickProvider(() => undefined, 'heroku-redis', {
        URL: 'redis://:p@localhost:5998',
        TLS_URL: 'rediss://:p@localhost:5996',
      }),
      schedulerProvider(),
    ],
    (error) => {
      // Its loop goes on when a store that a test stopped is back.
      if (!isStoreDown(error)) faults.push(error);
    },
  );
  const sockets: Server = createServer();
  await new Promise<void>((listening) => sockets.listen(0, '127.0.0.1', listening));
  const address = sockets.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://localhost:${port}`;
  const services: Services = {
    db,
    events,
    keyring,
    releases,
    builds: {
      start: (app, by, source, requestKey) =>
        builds.insert(db, {
          ...unbuilt(app, by),
          commit: source.version,
          commitDescription: source.versionDescription,
          sourceUrl: source.url,
          buildpacks: source.buildpacks,
          requestKey,
        }),
      branches: async () => [
        { name: 'main', sha: pushedSha, subject: 'Sell books', committedAt: new Date('2026-11-01T10:00:00Z') },
      ],
      startAgain: (app, by, ref, requestKey) => {
        if (ref !== 'main') throw invalidParams(`source_blob.ref: nothing is called ${ref}.`);
        const pushed = { commit: pushedSha, commitDescription: 'Sell books', sourceUrl: null, buildpacks: [] };
        return builds.insert(db, { ...unbuilt(app, by), ...pushed, requestKey });
      },
      cancel: async () => false,
    },
    outputs: {
      build: async (build) => Readable.from([`-----> Building ${build.commit}\n`]),
      release: async () => undefined,
    },
    slugFiles: {
      receive: async (slug, body) => {
        const bytes = await buffer(body);
        await mkdir(join(store.folder, 'slugs'), { recursive: true });
        await writeFile(join(store.folder, 'slugs', slug.id), bytes);
        return { sizeBytes: bytes.length, checksum: `SHA256:${createHash('sha256').update(bytes).digest('hex')}` };
      },
      send: async (slug) => {
        const file = join(store.folder, 'slugs', slug.id);
        return (await readFile(file).catch(() => undefined)) === undefined ? undefined : createReadStream(file);
      },
    },
    addOns: reconciler,
    databases: noDatabases,
    caches: quickCaches(),
    storage: { usage: async () => ({ bytes: 3, objects: 1 }) },
    runtime: { nudge: (id) => void nudged.push(id) },
    domainChanges: { routed: async (id) => void nudged.push(id), nudgeAcm: () => {} },
    logs: {
      reading: logStore,
      sink: (appId, lines) => void logStore.append(appId, lines),
      serve: ({ appId, lines, tail, source, dyno }, req, res) =>
        serveLogSession(
          {
            store: logStore,
            appId,
            params: { lines, tail, source: source ?? undefined, dyno: dyno ?? undefined },
            lastEventId: [req.headers['last-event-id']].flat()[0],
            accept: req.headers.accept,
          },
          res,
        ),
    },
    machine: {
      report: async () => {
        throw new Error('no machine here');
      },
      findings: async () => [{ level: 'ok', text: 'git version 2' }],
    },
    metrics: {
      report: (appId, range, dyno) =>
        readReport(metricStore, appId, { range, dyno, nowSeconds: Math.floor(Date.now() / 1000) }),
    },
    runSessions,
    urls: {
      api: url,
      appUrl: (name) => `http://${name}.localhost:8080/`,
      appHost: (name) => `${name}.localhost`,
      appDomain: 'localhost',
      gitUrl: (name) => `https://localhost:${port}/${name}.git`,
    },
    now: () => new Date(),
  };
  const api = await createApi(services, {
    sourcesFolder: join(store.folder, 'sources'),
    onFault: (error) => faults.push(error),
    ...options,
  });
  sockets.on('connection', (socket) => api.server.emit('connection', socket));
  return Object.assign(platform, {
    store,
    services,
    api,
    port,
    url,
    nudged,
    faults,
    account: async (email: string) => {
      const password = `password of ${email}`;
      const account = await accounts.insert(db, {
        email,
        name: null,
        passwordHash: await hashPassword(password),
        administrator: false,
      });
      const { token } = await grant(db, account, { description: 'test', scope: ['global'], expiresAt: null });
      return { account, token, password };
    },
    close: async () => {
      sockets.close();
      await events[Symbol.asyncDispose]();
      await api.close();
      await reconciler.close();
      await runSessions[Symbol.asyncDispose]();
      await logStore[Symbol.asyncDispose]();
      await db.destroy();
      await afterClose();
    },
  });
};
