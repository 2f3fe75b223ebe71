import { notFound } from '../../contract/platform-error.ts';
import { logSessionShape } from '../../contract/shapes/app-parts.ts';
import { hashToken, newToken } from '../../secrets/token.ts';
import { logSessions } from '../../store/log-sessions.ts';
import { created } from '../answer.ts';
import { anyone, type Endpoint, onApp, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

const defaultLines = 100;
/** Dev Center "Logging", Log retrieval. */
const maxLines = 1500;
/** A tail that lost its connection comes back to the same address; after this it has to ask anew. */
const lifetimeMs = 24 * 3_600_000;

export const logSessionEndpoints = ({ db, logs, now }: Pick<Services, 'db' | 'logs' | 'now'>): Endpoint[] => [
  onApp('POST', '/apps/:app/log-sessions', 'view', async (call) => {
    const fields = new Fields(call.body);
    const secret = newToken('');
    const session = await logSessions.insert(db, {
      appId: call.app.id,
      secretHash: hashToken(secret),
      lines: Math.min(fields.integer('lines', 0, 1_000_000) ?? defaultLines, maxLines),
      tail: fields.flag('tail') ?? false,
      source: fields.text('source') ?? null,
      dyno: fields.text('dyno') ?? fields.text('type') ?? null,
    });
    return created(logSessionShape(session, `${call.base}/log-streams/${secret}`));
  }),
  anyone('GET', '/log-streams/:secret', async (call) => {
    const session = await logSessions.bySecretHash(db, hashToken(param(call, 'secret')));
    if (session === undefined || now().getTime() - session.createdAt.getTime() > lifetimeMs) {
      throw notFound('log session', 'There is no such log session, or its time is over. Ask for another one.');
    }
    return { kind: 'written', write: (req, res) => logs.serve(session, req, res) };
  }),
];
