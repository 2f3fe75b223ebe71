import { readFileSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { arch, cpus, freemem, loadavg, platform, release, totalmem } from 'node:os';
import type { PostgresProvider } from '../addons/providers/postgres.ts';
import type { Machine } from '../api/services.ts';
import type { FindingShape, MachineShape } from '../contract/shapes/machine.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import type { Database } from '../store/database.ts';
import { machineFacts, type NamedDatabase } from '../store/machine-facts.ts';
import { checkMachine } from './check-machine.ts';
import { describeEngine } from './describe-engine.ts';

const mostCertificates = 50;
const mostDatabases = 100;
/** The checks start half a dozen programs; a page that is looked at again need not. */
const findingsKeptMs = 60_000;

interface Parts {
  readonly db: Database;
  readonly settings: Settings;
  readonly data: DataFolder;
  /** How many router workers are there. */
  readonly routers: () => number;
  readonly backups: PostgresProvider['backupFacts'];
}

/** Tells an administrator how the machine is. */
export const machine = ({ db, settings, data, routers, backups }: Parts): Machine => {
  const startedAt = new Date();
  let kept: { readonly atMs: number; readonly findings: Promise<readonly FindingShape[]> } | undefined;

  const report = async (): Promise<MachineShape> => {
    const [facts, certificates, databases, disk, engine, available] = await Promise.all([
      machineFacts.read(db),
      machineFacts.certificates(db, mostCertificates),
      machineFacts.databases(db, mostDatabases).then((all) => Promise.all(all.map((one) => tellBackups(one, backups)))),
      statfs(data.root),
      describeEngine(settings),
      availableMemory(),
    ]);
    return {
      versions: {
        ravine: ownVersion(),
        node: process.versions.node,
        store: facts.version,
        system: `${platform()} ${release()} ${arch()}`,
      },
      started_at: startedAt.toISOString(),
      data_folder: data.root,
      cpu: { count: cpus().length, load_avg: loadavg().map((load) => Math.round(load * 100) / 100) },
      memory: { total: totalmem(), available, control: process.memoryUsage.rss() },
      disk: { total: disk.blocks * disk.bsize, available: disk.bavail * disk.bsize },
      engine,
      driver: settings.driver,
      store: { size: facts.sizeBytes },
      router: { workers: settings.routerWorkers, connected: routers() },
      counts: facts.counts,
      certificates: certificates.map(({ appName, domains, acm, expiresAt, problem }) => ({
        app: { name: appName },
        domains,
        acm,
        expires_at: expiresAt.toISOString(),
        problem,
      })),
      databases,
    };
  };

  return {
    report,
    findings: () => {
      if (kept === undefined || Date.now() - kept.atMs > findingsKeptMs) {
        kept = { atMs: Date.now(), findings: checkMachine(settings, data.root, true) };
        kept.findings.catch(() => {
          kept = undefined;
        });
      }
      return kept.findings;
    },
  };
};

const tellBackups = async ({ id, name, appName }: NamedDatabase, backups: Parts['backups']) => {
  const { since, lastBase, trouble, drill } = await backups(id);
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    app: { name: appName },
    addon: { name },
    backed_up_at: lastBase === undefined ? null : at(lastBase.finishedAtMs),
    restorable_since: since?.toISOString() ?? null,
    trouble,
    drill:
      drill === undefined
        ? null
        : { succeeded: drill.succeeded, finished_at: at(drill.finishedAtMs), detail: drill.detail },
  };
};

const ownVersion = (): string => {
  const text: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : '';
};

/** What programs could still have: on Linux with what the kernel only caches. */
const availableMemory = async (): Promise<number> => {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
};
