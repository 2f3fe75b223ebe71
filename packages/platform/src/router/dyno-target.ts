import { createHash } from 'node:crypto';
import type { RoutedDyno } from '../domain/route-snapshot.ts';
import type { DynoConnection } from './http1/dyno-connection.ts';

/** Idle connections to a dyno are kept this long, as Heroku's router does. */
const keepAliveMs = 90_000;
const firstProbeMs = 100;
const longestProbeMs = 1_000;

/**
 * One dyno as this router sees it: its kept connections, its load, and whether it refuses connections. While it
 * refuses, it is quarantined; if nobody else is up, one request at a time probes it, with growing pauses.
 */
export class DynoTarget {
  readonly dyno: RoutedDyno;
  /** Requests whose answer hasn't fully come. */
  requests = 0;
  tunnels = 0;
  /** No longer routed to, but not free yet. */
  isRetiring = false;
  #quarantinedUntilMs = 0;
  #probeAtMs = 0;
  #probePauseMs = 0;
  #probing = false;
  /** Idle connections, the one used last at the end: the others may then grow old and be closed. */
  #kept: DynoConnection[] = [];
  #closed = false;
  #affinityKey: string | undefined;

  constructor(dyno: RoutedDyno) {
    this.dyno = dyno;
  }

  /** What visitors with session affinity name this dyno by: its id can not be found out from it. */
  get affinityKey(): string {
    this.#affinityKey ??= createHash('sha256').update(`session of ${this.dyno.id}`).digest('base64url').slice(0, 22);
    return this.#affinityKey;
  }

  /** An idle connection for one request, if there is one. */
  takeKept(nowMs: number): DynoConnection | undefined {
    for (let kept = this.#kept.pop(); kept; kept = this.#kept.pop()) {
      if (kept.isUsable && kept.expiresAtMs > nowMs) return kept;
      kept.destroy();
    }
    return undefined;
  }

  /** Takes a connection back that may carry further requests. */
  keep(connection: DynoConnection, nowMs: number): void {
    const keepMs = connection.keepMs(keepAliveMs);
    if (this.#closed || keepMs <= 0) {
      connection.destroy();
      return;
    }
    connection.expiresAtMs = nowMs + keepMs;
    this.#kept.push(connection);
  }

  /** Closes connections that have been idle for too long. */
  sweep(nowMs: number): void {
    if (!this.#kept.some((kept) => !kept.isUsable || kept.expiresAtMs <= nowMs)) return;
    for (const kept of this.#kept) if (kept.expiresAtMs <= nowMs) kept.destroy();
    this.#kept = this.#kept.filter((kept) => kept.isUsable);
  }

  get load(): number {
    return this.requests + this.tunnels;
  }

  isQuarantined(): boolean {
    return this.#quarantinedUntilMs > 0 && this.#quarantinedUntilMs > performance.now();
  }

  /** When the next probe is due; Infinity while one is under way. */
  get probeAtMs(): number {
    return this.#probing ? Number.POSITIVE_INFINITY : this.#probeAtMs;
  }

  startProbe(): void {
    this.#probing = true;
  }

  /** A probe that ended without an answer to the question, since its client went away. */
  abandonProbe(): void {
    this.#probing = false;
  }

  refused(nowMs: number, quarantineMs: number): void {
    this.#probing = false;
    this.#probePauseMs = Math.min(this.#probePauseMs * 2 || firstProbeMs, longestProbeMs);
    this.#probeAtMs = nowMs + this.#probePauseMs;
    this.#quarantinedUntilMs = nowMs + quarantineMs;
  }

  /** @returns whether it had been refusing until now. */
  accepted(): boolean {
    const was = this.#quarantinedUntilMs > 0;
    this.#probing = false;
    this.#probePauseMs = 0;
    this.#quarantinedUntilMs = 0;
    return was;
  }

  close(): void {
    this.#closed = true;
    for (const kept of this.#kept) kept.destroy();
    this.#kept = [];
  }
}
