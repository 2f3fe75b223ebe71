import { quantile, type Row, rounded } from '../result.ts';
import type { Contender } from './contender.ts';
import { type Load, measure, type Turn } from './measure.ts';

export interface Rounds {
  readonly rounds: number;
  /** Of one turn. */
  readonly seconds: number;
}

/** A turn in which others used more than this part of the proxy's core is measured again, a few times. */
const mostForeign = 0.15;
const mostAttempts = 3;

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The least disturbed of a few turns. */
const quietTurn = async (proxy: Contender, load: () => Promise<Load>): Promise<Turn> => {
  let best = await measure(proxy, load);
  for (let attempt = 1; attempt < mostAttempts && best.foreign > mostForeign; attempt += 1) {
    const turn = await measure(proxy, load);
    if (turn.foreign < best.foreign) best = turn;
  }
  return best;
};

/** A JavaScript engine compiles what runs often: until so many requests, or so many seconds of load, nothing counts. */
const warmUpRequests = 40_000;
const warmUpSeconds = 12;

const warmUp = async (proxy: Contender, load: () => Promise<Load>): Promise<void> => {
  let requests = 0;
  let seconds = 0;
  while (requests < warmUpRequests && seconds < warmUpSeconds) {
    const turn = await load();
    if (turn.requests === 0) throw new Error(`expected ${proxy.name} to answer, but it answered nothing`);
    requests += turn.requests;
    seconds += turn.seconds;
  }
};

/** Proxies in turns, round after round, once each is warm. */
export const takeTurns = async (
  proxies: readonly Contender[],
  load: (proxy: Contender) => Promise<Load>,
  { rounds }: Rounds,
): Promise<ReadonlyMap<string, readonly Turn[]>> => {
  const turns = new Map<string, Turn[]>(proxies.map(({ name }) => [name, []]));
  for (const proxy of proxies) await warmUp(proxy, () => load(proxy));
  for (let round = 0; round < rounds; round += 1) {
    for (const proxy of proxies) turns.get(proxy.name)?.push(await quietTurn(proxy, () => load(proxy)));
  }
  return turns;
};

/** The median over rounds of another's cost divided by ours in the same round. */
export const ratioTo = (turns: ReadonlyMap<string, readonly Turn[]>, other: string, own = 'ravine'): number => {
  const ours = turns.get(own) ?? [];
  const theirs = turns.get(other) ?? [];
  return median(ours.map(({ microseconds }, round) => (theirs[round]?.microseconds ?? Number.NaN) / microseconds));
};

export const rowsOf = (what: string, turns: ReadonlyMap<string, readonly Turn[]>): Row[] =>
  [...turns].map(([name, all]) => ({
    what: `${what}: ${name}`,
    value: median(all.map(({ microseconds }) => microseconds)),
    unit: 'µs',
    note: `${rounded(median(all.map(({ perSecond }) => perSecond)) / 1000).toFixed(1)} k/s; others had ${Math.round(100 * median(all.map(({ foreign }) => foreign)))} % of its core`,
  }));
