import { invalidParams } from '../../contract/platform-error.ts';
import { eventId, eventShape, readEventId } from '../../contract/shapes/event.ts';
import { type EventPosition, type EventScope, events } from '../../store/events.ts';
import { type JsonAnswer, ok, type WrittenAnswer } from '../answer.ts';
import { type Call, type Endpoint, onApp, type SignedInCall, signedIn } from '../endpoint.ts';
import { eventStream, type StreamEvent } from '../event-stream.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

const defaultLimit = 50;
const maxLimit = 200;

/** What changes, as it changes, and who changed what. */
export const eventEndpoints = ({ db, events: feed }: Pick<Services, 'db' | 'events'>): Endpoint[] => {
  const stream = async (call: Call, scope: EventScope): Promise<WrittenAnswer> => {
    const resumed = readLastId(call);
    const from = resumed ?? (await events.end(db)).end;
    const lost = resumed !== undefined && !(await events.reachesBackTo(db, resumed));
    return eventStream(async function* (gone): AsyncGenerator<readonly StreamEvent[]> {
      yield [lost ? { type: 'reset', id: eventId(from), data: {} } : { id: eventId(from) }];
      for await (const step of feed.follow(scope, from, gone)) {
        yield step.events.map((event) => ({ id: eventId(event), data: eventShape(event) }));
      }
    });
  };

  const audit = async (call: Call, scope: EventScope): Promise<JsonAnswer> => {
    const query = new Fields(call.query);
    const before = readPosition('before', query.text('before'));
    const resource = query.text('resource');
    const found = await events.audit(db, scope, {
      limit: query.integer('limit', 1, maxLimit) ?? defaultLimit,
      ...(before === undefined ? {} : { before }),
      ...(resource === undefined ? {} : { resource }),
    });
    return ok(found.map(eventShape));
  };

  return [
    signedIn('GET', '/events', (call) => stream(call, { kind: 'account', accountId: call.account.id })),
    onApp('GET', '/apps/:app/events', 'view', (call) => stream(call, { kind: 'app', appId: call.app.id })),
    signedIn('GET', '/audit-events', (call) => audit(call, scopeOf(call))),
    onApp('GET', '/apps/:app/audit-events', 'view', (call) => audit(call, { kind: 'app', appId: call.app.id })),
  ];
};

/** An administrator answers for the machine, and may look back on everything that was decided on it. */
const scopeOf = ({ account }: SignedInCall): EventScope =>
  account.administrator ? { kind: 'all' } : { kind: 'account', accountId: account.id };

/** A browser sends it as a header when it comes back by itself; one that begins may send it in the address. */
const readLastId = (call: Call): EventPosition | undefined => {
  const header = call.headers['last-event-id'];
  return readPosition('Last-Event-ID', typeof header === 'string' ? header : new Fields(call.query).text('after'));
};

const readPosition = (name: string, text: string | undefined): EventPosition | undefined => {
  if (text === undefined || text === '') return undefined;
  const position = readEventId(text);
  if (position !== undefined) return position;
  throw invalidParams(`${name}: expected the id of an event, such as 812-40, got ${JSON.stringify(text)}.`);
};
