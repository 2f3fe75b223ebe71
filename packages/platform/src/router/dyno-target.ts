import { Agent } from 'node:http';
import type { RoutedDyno } from '../domain/route-snapshot.ts';

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
  readonly agent = new Agent({ keepAlive: true, timeout: keepAliveMs, scheduling: 'lifo', maxFreeSockets: 1_024 });
  /** Requests whose answer hasn't fully come. */
  requests = 0;
  tunnels = 0;
  #quarantinedUntilMs = 0;
  #probeAtMs = 0;
  #probePauseMs = 0;
  #probing = false;

  constructor(dyno: RoutedDyno) {
    this.dyno = dyno;
  }

  get load(): number {
    return this.requests + this.tunnels;
  }

  isQuarantined(nowMs: number): boolean {
    return this.#quarantinedUntilMs > nowMs;
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
    this.agent.destroy();
  }
}
