import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { dynoEnvContext } from '../contract/seal-contexts.ts';
import type { AppId, DynoId } from '../domain/ids.ts';
import { errorLine } from '../domain/log-codes.data.ts';
import { nowUs } from '../domain/log-line.ts';
import { parseExitStatusRequest } from '../run-sessions/exit-status.ts';
import { RunSessions, type RunTicket } from '../run-sessions/run-sessions.ts';
import type { SessionClient } from '../run-sessions/session-client.ts';
import type { Driver } from '../runtime/driver.ts';
import { runOneOff } from '../runtime/one-off.ts';
import type { DesiredPort, LogPort } from '../runtime/ports.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { apps } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import { type Dyno, dynoName, dynos } from '../store/dynos.ts';

export interface AttachedRunsParts {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly driver: Driver;
  readonly logs: LogPort;
  readonly desired: DesiredPort;
  readonly onFault: (error: unknown) => void;
}

/** `heroku run`: joins rendezvous connections to the attached one-off dynos that the store notes. */
export class AttachedRuns implements AsyncDisposable {
  private readonly sessions: RunSessions;
  private readonly parts: AttachedRunsParts;

  constructor(parts: AttachedRunsParts) {
    this.parts = parts;
    this.sessions = new RunSessions({
      run: (ticket, stream, signal) => this.run(ticket, stream, signal),
      onUnclaimed: (ticket) => void this.giveUp(ticket).catch(parts.onFault),
      onError: (_ticket, error) => parts.onFault(error),
    });
  }

  /** At start: those not yet attached may still be; those that were lost their client with the process before this one. */
  async resume(): Promise<void> {
    for (const dyno of await dynos.all(this.parts.db)) {
      if (!dyno.attached) continue;
      if (dyno.state === 'starting' && dyno.attachSecretHash !== null)
        this.sessions.open(ticketOf(dyno, dyno.attachSecretHash));
      else await dynos.remove(this.parts.db, dyno.id);
    }
  }

  /** One-off dynos of the app were asked for, or asked to go. */
  async onChange(appId: AppId): Promise<void> {
    for (const dyno of await dynos.ofApp(this.parts.db, appId)) {
      if (!dyno.attached) continue;
      if (dyno.retire !== null) {
        const ran = dyno.attachSecretHash === null;
        this.sessions.cancel(dyno.id);
        if (!ran) await dynos.remove(this.parts.db, dyno.id);
      }
    }
  }

  /** Lets a client attach to a dyno that was just asked for. */
  open(ticket: RunTicket): void {
    this.sessions.open(ticket);
  }

  /** A TLS connection that began with a secret instead of HTTP. */
  accept(socket: Socket, firstLine: string): void {
    this.sessions.accept(socket, firstLine);
  }

  /** A client that came by another way; says whether a dyno waited for it. */
  attach(client: SessionClient, secret: string): boolean {
    return this.sessions.attach(client, secret);
  }

  /** Ends all sessions; those not yet attached wait for the next start. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.sessions.close();
  }

  private async run(ticket: RunTicket, stream: Duplex, signal: AbortSignal): Promise<number> {
    const { db, keyring, driver, logs, desired } = this.parts;
    const dyno = await dynos.byId(db, ticket.dynoId);
    const app = dyno === undefined ? undefined : await apps.find(db, dyno.appId);
    const release = dyno === undefined ? undefined : await desired.release(dyno.releaseId);
    if (dyno === undefined || app === undefined || release === undefined)
      throw new Error('the app or its slug is gone');
    await dynos.update(db, dyno.id, { state: 'up', attachSecretHash: null });
    try {
      const env = dyno.sealedEnv === null ? {} : keyring.openStrings(dyno.sealedEnv, dynoEnvContext(dyno.id));
      const oneOff = {
        id: dyno.id,
        appId: app.id,
        uid: app.uid,
        name: dynoName(dyno),
        command: parseExitStatusRequest(dyno.command).command,
        size: dyno.size,
        release,
        env,
      };
      return await runOneOff({ driver, logs }, oneOff, stream, ticket.terminal, signal);
    } finally {
      await this.forget(dyno.id);
    }
  }

  /** Dev Center "Error Codes", R13. */
  private async giveUp(ticket: RunTicket): Promise<void> {
    const dyno = await dynos.byId(this.parts.db, ticket.dynoId);
    if (dyno === undefined) return;
    const text = `${errorLine('R13')} -> Failed to attach to process`;
    this.parts.logs.sink(dyno.appId, [{ atUs: nowUs(), source: 'heroku', dyno: dynoName(dyno), text }]);
    await this.forget(dyno.id);
  }

  private forget(id: DynoId): Promise<void> {
    return dynos.remove(this.parts.db, id).catch(this.parts.onFault);
  }
}

const ticketOf = (dyno: Dyno, secretHash: Buffer): RunTicket => ({
  dynoId: dyno.id,
  secretHash,
  terminal: dyno.terminal ?? undefined,
  wantsStatus: parseExitStatusRequest(dyno.command).wantsStatus,
  createdAtMs: dyno.createdAt.getTime(),
});
