import { quantile, type Row } from '../result.ts';
import type { Rounds } from './compare.ts';
import type { Contender } from './contender.ts';
import { timesAtRate } from './h2load.ts';
import type { Site } from './site.ts';
import { wrk } from './wrk.ts';

const connections = 128;
const p99Goal = 1.2;

/** Most that a contender answers over the same number of connections. */
const capacity = async (site: Site, { httpPort: port }: Contender, seconds: number): Promise<number> => {
  const load = await wrk(site, { port, tls: false }, { connections, seconds, request: { path: '/' } });
  return load.requests / load.seconds;
};

export interface LatencyResult {
  readonly rows: readonly Row[];
  /** The median over rounds of our 99th percentile divided by the other's in the same round. */
  readonly p99Ratio: number;
}

/** Times of small GETs through both at the same rate: half of what the slower of them can answer. */
export const compareLatency = async (
  site: Site,
  ours: Contender,
  theirs: Contender,
  { rounds, seconds }: Rounds,
): Promise<LatencyResult> => {
  const most = Math.min(await capacity(site, ours, seconds), await capacity(site, theirs, seconds));
  const perSecond = Math.floor(most / 2);
  const quantiles = new Map([ours, theirs].map(({ name }) => [name, { p50: [] as number[], p99: [] as number[] }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, httpPort } of [ours, theirs]) {
      const times = await timesAtRate(site, httpPort, { perSecond, connections, seconds });
      quantiles.get(name)?.p50.push(quantile(times, 0.5));
      quantiles.get(name)?.p99.push(quantile(times, 0.99));
    }
  }
  const rows: Row[] = [...quantiles].flatMap(([name, { p50, p99 }]) => [
    { what: `latency at ${perSecond}/s, p50: ${name}`, value: quantile(p50, 0.5), unit: 'µs' },
    { what: `latency at ${perSecond}/s, p99: ${name}`, value: quantile(p99, 0.5), unit: 'µs' },
  ]);
  const ratioOf = (part: 'p50' | 'p99'): number => {
    const [our = [], their = []] = [ours, theirs].map(({ name }) => quantiles.get(name)?.[part]);
    return quantile(
      our.map((value, round) => value / (their[round] ?? Number.NaN)),
      0.5,
    );
  };
  const p99Ratio = ratioOf('p99');
  rows.push({ what: 'latency, p50: ravine / nginx', value: ratioOf('p50'), unit: 'x' });
  return {
    rows: [...rows, { what: 'latency, p99: ravine / nginx', value: p99Ratio, unit: 'x', goal: p99Goal }],
    p99Ratio,
  };
};
