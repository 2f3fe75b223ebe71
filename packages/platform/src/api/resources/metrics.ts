import { invalidParams } from '../../contract/platform-error.ts';
import { type ChangeEvent, eventShape } from '../../contract/shapes/event.ts';
import { isRange, ranges } from '../../metrics/report.ts';
import { events, type StoredEvent } from '../../store/events.ts';
import { ok } from '../answer.ts';
import { type Endpoint, onApp } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

/** How apps do, and what happened to them meanwhile. */
export const metricEndpoints = ({ db, metrics, now }: Pick<Services, 'db' | 'metrics' | 'now'>): Endpoint[] => [
  onApp('GET', '/apps/:app/metrics', 'view', async (call) => {
    const query = new Fields(call.query);
    const range = query.text('range') ?? '2h';
    if (!isRange(range)) {
      throw invalidParams(`range: expected one of ${Object.keys(ranges).join(', ')}, got ${JSON.stringify(range)}.`);
    }
    const report = await metrics.report(call.app.id, range, query.text('dyno'));
    const since = new Date((report.at[0] ?? 0) * 1000);
    const found = await events.marks(db, call.app.id, since, now());
    const marks: ChangeEvent[] = found.filter(isMark).map(eventShape).reverse();
    return ok({ range, ...report, marks });
  }),
];

/** Releases that came into force or failed, dynos that came up, crashed or were asked to end, and changes of formation. */
const isMark = ({ resource, action, data }: StoredEvent): boolean => {
  const changed = Array.isArray(data.changed) ? data.changed : [];
  if (resource === 'release') return data.status !== 'pending';
  if (resource === 'dyno') {
    const begun = changed.includes('state') && (data.state === 'up' || data.state === 'crashed');
    return data.kind === 'formation' && (begun || (changed.includes('retire') && data.retire !== null));
  }
  if (resource === 'app') return changed.includes('maintenance');
  return resource === 'formation' && action === 'update';
};
