import { invalidParams } from '../../contract/platform-error.ts';
import { type ChangeEvent, eventShape } from '../../contract/shapes/event.ts';
import { isRange, ranges } from '../../metrics/report.ts';
import { events } from '../../store/events.ts';
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
    const marks: ChangeEvent[] = found.map(eventShape);
    return ok({ range, ...report, marks });
  }),
];
