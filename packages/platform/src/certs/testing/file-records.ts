import { EventEmitter, once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AcmeChallenge, OrderStage } from '../../domain/certificate-order.ts';
import type { DomainId } from '../../domain/ids.ts';
import type {
  AcmeAccount,
  CertificateRecords,
  IssuedCertificate,
  ManagedDomain,
  OrderNote,
  OrderRecord,
} from '../ports.ts';

interface Order extends OrderRecord {
  readonly stage: OrderStage;
  readonly problem: string | null;
  readonly nextAttemptAtMs: number;
}

export interface DomainRow {
  readonly hostname: string;
  readonly order?: Order | undefined;
  /** Unix times in ms, of a certificate that it had from the start. */
  readonly had?: { readonly startsAtMs: number; readonly expiresAtMs: number };
  readonly issued?: IssuedCertificate;
}

interface Rows {
  readonly domains: Readonly<Record<string, DomainRow>>;
  readonly accounts: Readonly<Record<string, AcmeAccount>>;
  /** Every order that was noted, of every domain. */
  readonly orderUrls: readonly string[];
}

const freshOrder: Order = {
  directoryUrl: null,
  orderUrl: null,
  certificateKey: null,
  challenge: null,
  failures: 0,
  stage: 'waiting',
  problem: null,
  nextAttemptAtMs: 0,
};

/** Rows in one JSON file, replaced as a whole at each change, so that they survive kill -9 of any process. */
export class FileRecords implements CertificateRecords {
  readonly #path: string;
  readonly #events = new EventEmitter().setMaxListeners(0);
  /** Told of each change, when it is on disk. */
  readonly #onWrite: () => void;

  constructor(folder: string, onWrite: () => void = () => {}) {
    this.#path = join(folder, 'rows.json');
    this.#onWrite = onWrite;
  }

  get rows(): Rows {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as Rows; // what #write wrote
    } catch {
      return { domains: {}, accounts: {}, orderUrls: [] };
    }
  }

  domain(id: string): DomainRow {
    const row = this.rows.domains[id];
    if (row === undefined) throw new Error(`no domain ${id}`);
    return row;
  }

  put(id: string, row: DomainRow): void {
    this.#write({ ...this.rows, domains: { ...this.rows.domains, [id]: row } });
  }

  /** What visitors may see now. */
  challenges(): readonly { readonly hostname: string; readonly challenge: AcmeChallenge }[] {
    return Object.values(this.rows.domains).flatMap(({ hostname, order }) =>
      order?.challenge == null ? [] : [{ hostname, challenge: order.challenge }],
    );
  }

  /** Resolves when a row has become so. */
  async until(id: string, holds: (row: DomainRow) => boolean): Promise<DomainRow> {
    for (;;) {
      const changed = once(this.#events, 'change');
      const row = this.domain(id);
      if (holds(row)) return row;
      await changed;
    }
  }

  async managed(): Promise<readonly ManagedDomain[]> {
    return Object.entries(this.rows.domains).map(([id, { hostname, order, had, issued }]) => ({
      id: id as DomainId, // the rows' own key
      hostname,
      certificate:
        issued === undefined
          ? had && { startsAt: new Date(had.startsAtMs), expiresAt: new Date(had.expiresAtMs) }
          : { startsAt: new Date(issued.startsAt), expiresAt: new Date(issued.expiresAt) },
      order: order && { failures: order.failures, nextAttemptAt: new Date(order.nextAttemptAtMs) },
    }));
  }

  async account(directoryUrl: string): Promise<AcmeAccount | undefined> {
    return this.rows.accounts[directoryUrl];
  }

  async keepAccount(directoryUrl: string, account: AcmeAccount): Promise<void> {
    this.#write({ ...this.rows, accounts: { ...this.rows.accounts, [directoryUrl]: account } });
  }

  async begin(id: DomainId): Promise<OrderRecord> {
    const row = this.domain(id);
    if (row.order === undefined) this.put(id, { ...row, order: freshOrder });
    return row.order ?? freshOrder;
  }

  async note(id: DomainId, { nextAttemptAt, ...change }: OrderNote): Promise<void> {
    const { rows } = this;
    const row = this.domain(id);
    const order = { ...freshOrder, ...row.order, ...change };
    const next = nextAttemptAt === undefined ? order : { ...order, nextAttemptAtMs: nextAttemptAt.getTime() };
    const orderUrls = change.orderUrl == null ? rows.orderUrls : [...rows.orderUrls, change.orderUrl];
    this.#write({ ...rows, orderUrls, domains: { ...rows.domains, [id]: { ...row, order: next } } });
  }

  async issued(id: DomainId, issued: IssuedCertificate): Promise<void> {
    this.put(id, { ...this.domain(id), order: undefined, issued });
  }

  async routed(): Promise<void> {}

  #write(rows: Rows): void {
    writeFileSync(`${this.#path}.${process.pid}`, JSON.stringify(rows));
    renameSync(`${this.#path}.${process.pid}`, this.#path);
    this.#onWrite();
    this.#events.emit('change');
  }
}
