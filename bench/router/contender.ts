import type { Pinned } from './pinned.ts';

/** A proxy under test, running on the core of its own. */
export interface Contender {
  readonly name: string;
  readonly server: Pinned;
  readonly httpPort: number;
  /** Absent where nothing is measured over TLS. */
  readonly tlsPort?: number;
  /** Emptied between turns. */
  readonly accessLog: string;
}
