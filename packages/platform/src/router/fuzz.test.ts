import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from '../domain/dice.fixture.ts';
import { startBench } from './vector-bench.fixture.ts';
import { readVectors } from './vector-file.fixture.ts';
import { playClient } from './vector-fuzz-client.fixture.ts';
import { fuzzReply } from './vector-fuzz-dyno.fixture.ts';
import { playHttp2Client } from './vector-fuzz-http2.fixture.ts';
import { holdsWithin } from './vector-run.fixture.ts';

/** `RAVINE_FUZZ_SECONDS=60 npm test -- router/fuzz` plays each for that long, with a seed of its own; else it is a fixed number of rounds. */
const seconds = Number(process.env.RAVINE_FUZZ_SECONDS ?? 0);
const seed = Number(process.env.RAVINE_FUZZ_SEED ?? (seconds > 0 ? Date.now() % 1_000_000 : 1));
const leastRounds = 60;
const clientsAtOnce = 12;
const corpus = readVectors().filter(({ expected }) => expected.request === undefined);

type Play = (port: number, dice: Dice, client: number) => Promise<readonly string[]>;

/** Rounds of clients at once against one router, whose connections to its dyno they share. @returns what was played */
const playRounds = async (play: Play): Promise<string> => {
  const untilMs = performance.now() + seconds * 1_000;
  let clients = 0;
  const problems: string[] = [];
  const bench = await startBench();
  for (let round = 0; round < leastRounds || performance.now() < untilMs; round++) {
    bench.dyno.reset(fuzzReply(new Dice(seed * 1_000_003 - round)));
    const playing = Array.from({ length: clientsAtOnce }, () => {
      clients++;
      return play(bench.router.port, new Dice(seed * 1_000_003 + clients), clients);
    });
    for (const found of await Promise.all(playing)) problems.push(...found);
    for (const { message } of bench.dyno.seen)
      problems.push(...message.faults.map((fault) => `the dyno objects to ${fault} in ${message.startLine}`));
    if (!(await holdsWithin(10_000, () => bench.load() === 0))) problems.push(`a load of ${bench.load()} is left`);
    if (problems.length > 0) problems.unshift(`RAVINE_FUZZ_SEED=${seed}, round ${round}`);
    assert.deepEqual(problems, []);
  }
  await bench[Symbol.asyncDispose]();
  return `${clients} clients, seed ${seed}`;
};

test('hostile clients and dynos harm no client beside them, and leave nothing behind', async (t) => {
  t.diagnostic(await playRounds((port, dice, client) => playClient(port, dice, client, corpus)));
});

test('neither do they over HTTP/2, beside clients of HTTP/1.1 whose connections to the dyno they share', async (t) => {
  const play: Play = (port, dice, client) =>
    dice.chance(0.25) ? playClient(port, dice, client, corpus) : playHttp2Client(port, dice, client);
  t.diagnostic(await playRounds(play));
});
