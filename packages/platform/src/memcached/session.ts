import type { Output } from './output.ts';
import type { Login, Tenant, Tenants } from './tenant.ts';

/** What a connection lets a protocol do. */
export interface Session {
  readonly tenants: Tenants;
  readonly output: Output;
  /** Undefined until the client has shown who it is. */
  login: Login | undefined;
  /** Counts the connection to its tenant. @returns false when that has too many. */
  admit(login: Login): boolean;
  /** Closes the connection when what was answered is sent. */
  close(): void;
  /** Drops that many bytes of what comes next. */
  skip(bytes: number): void;
}

/**
 * Handles one command of `input` at `from`.
 * @returns where the next one begins; when the command isn't complete, minus the bytes that are needed from `from` on
 * (one more than there are, when that isn't known).
 */
export type Protocol = (session: Session, input: Buffer, from: number) => number;

/** Whose commands are these? The protocols ask only after a login. */
export const tenantOf = ({ login }: Session): Tenant => {
  if (login === undefined) throw new Error('a command was let through before its client had logged in');
  return login.tenant;
};
