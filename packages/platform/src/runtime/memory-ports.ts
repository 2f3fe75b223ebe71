import type { AppId, DynoId, ReleaseId } from '../domain/ids.ts';
import type { LogLine } from '../domain/log-line.ts';
import type { AppRoute, DesiredApp, DynoRow, ReleaseContents, RuntimePorts } from './ports.ts';

/** What the reconciler needs, kept in memory; for tests. Every change is announced to who waits. */
export class MemoryPorts implements RuntimePorts {
  readonly appsById = new Map<AppId, DesiredApp>();
  readonly releasesById = new Map<ReleaseId, ReleaseContents>();
  readonly rowsById = new Map<DynoId, DynoRow>();
  readonly lines: LogLine[] = [];
  readonly published: { readonly appId: AppId; readonly route: AppRoute | undefined }[] = [];
  readonly faults: unknown[] = [];
  readonly #waiting = new Set<() => void>();

  readonly desired: RuntimePorts['desired'] = {
    apps: async () => [...this.appsById.values()],
    app: async (id) => this.appsById.get(id),
    release: async (id) => this.releasesById.get(id),
  };

  readonly rows: RuntimePorts['rows'] = {
    list: async (appId) => [...this.rowsById.values()].filter((row) => appId === undefined || row.appId === appId),
    insert: async (row) => {
      this.rowsById.set(row.id, row);
      this.#announce();
    },
    update: async (id, change) => this.change(id, change),
    keepPosition: async (id, outputPosition) => this.change(id, { outputPosition }),
    delete: async (id) => {
      this.rowsById.delete(id);
      this.#announce();
    },
  };

  readonly logs: RuntimePorts['logs'] = {
    sink: (_appId, lines) => {
      this.lines.push(...lines);
      this.#announce();
    },
    settled: async () => {},
    lastMark: async (_appId, dyno, prefix) =>
      this.lines.findLast((line) => line.dyno === dyno && line.mark?.startsWith(prefix))?.mark,
  };

  readonly routes: RuntimePorts['routes'] = {
    publish: async (appId, route) => {
      this.published.push({ appId, route });
      this.#announce();
    },
    untilFree: async () => {},
  };

  onFault(fault: unknown): void {
    this.faults.push(fault);
    this.#announce();
  }

  change(id: DynoId, change: Partial<DynoRow>): void {
    const row = this.rowsById.get(id);
    if (row !== undefined) this.rowsById.set(id, { ...row, ...change });
    this.#announce();
  }

  /** The newest route of an app. */
  routeOf(appId: AppId): AppRoute | undefined {
    return this.published.findLast((entry) => entry.appId === appId)?.route;
  }

  /** Lines as `heroku logs` shows them, without the time. */
  texts(): readonly string[] {
    return this.lines.map((line) => `${line.source}[${line.dyno}]: ${line.text}`);
  }

  /** Resolves with the first value that isn't undefined or false, looked for after every change. */
  until<T>(look: () => T | undefined | false): Promise<T> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = look();
        if (found === undefined || found === false) return;
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }

  #announce(): void {
    for (const check of [...this.#waiting]) check();
  }
}
