import assert from 'node:assert/strict';
import { METHODS } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Dice } from '../domain/dice.fixture.ts';
import { type RouterUnderTest, startBench } from './vector-bench.fixture.ts';
import { type AllowedDifference, looser, stricter } from './vector-differences.fixture.ts';
import { probePath } from './vector-dyno.fixture.ts';
import { hostileRequest, mutate } from './vector-hostile.fixture.ts';
import { Llhttp, type Parsed, type ParsedRequest } from './vector-llhttp.fixture.ts';
import { readMessage } from './vector-message.fixture.ts';

const seed = Number(process.env.RAVINE_FUZZ_SEED ?? 1);
const cases = 1_500;
const limitMs = 3_000;

const bytesOf = (dice: Dice): string => {
  let bytes = hostileRequest(dice, '/a');
  if (dice.chance(0.4)) bytes += hostileRequest(dice, '/b');
  if (dice.chance(0.3)) bytes = mutate(dice, bytes);
  return `${bytes}GET ${probePath} HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n`;
};

/** Statuses of the final answers; ends the connection when no further one can come. */
const statusesFrom = (port: number, bytes: string, judged: Parsed): Promise<number[]> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const statuses: number[] = [];
    let rest = '';
    const timer = setTimeout(() => socket.destroy(), limitMs);
    const read = (ended: boolean): void => {
      for (;;) {
        const bodyless = judged.requests[statuses.length]?.method === 'HEAD';
        const message = readMessage(rest, 'response', { bodyless, ended });
        if (!message) break;
        rest = rest.slice(message.length);
        const status = Number(message.startLine.slice(9, 12));
        if (status >= 200) statuses.push(status);
      }
      if (judged.unfinished && statuses.length >= judged.requests.length) socket.end();
    };
    socket.setEncoding('latin1').on('error', () => undefined);
    socket.on('data', (text: string) => {
      rest += text;
      read(false);
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(timer);
      read(true);
      resolve(statuses);
    });
    socket.write(bytes, 'latin1');
    read(false);
  });

const path = (target: string): string => {
  const rest = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1];
  return rest === undefined ? target : rest.startsWith('/') ? rest : `/${rest}`;
};

const essence = ({ method, target, body }: ParsedRequest): string => JSON.stringify([method, path(target), body]);

/** What the dyno got, which llhttp must read as our strict reader does, where it takes the method and the target. */
const forwardedBy = async (
  { dyno }: RouterUnderTest,
  judge: Llhttp,
  differs: (what: string) => void,
): Promise<ParsedRequest[]> => {
  const forwarded: ParsedRequest[] = [];
  for (const { message, bytes } of dyno.seen.filter((request) => request.message.complete)) {
    const [method = '', target = ''] = message.startLine.split(' ');
    const ours = { method, target, version: '1.1', fields: message.fields, body: message.body };
    const known = METHODS.includes(method) && !/[\x80-\xff]/.test(target);
    const read = known ? (await judge.parse(bytes)).requests.map(essence).join() : essence(ours);
    if (read !== essence(ours)) differs(`the dyno got ${essence(ours)}, which llhttp reads as ${read || 'nothing'},`);
    forwarded.push(ours);
  }
  return forwarded;
};

test(`what the router forwards of ${cases} hostile messages is what llhttp reads in them, but for differences that are meant`, async () => {
  await using bench = await startBench();
  await using judge = await Llhttp.start();
  const used = new Set<AllowedDifference>();
  const allowed = (rules: readonly AllowedDifference[], request: ParsedRequest, bytes: string): boolean => {
    const rule = rules.find(({ holds }) => holds(request, bytes));
    if (rule) used.add(rule);
    return rule !== undefined;
  };
  const differences: string[] = [];
  let served = 0;
  for (let number = 0; number < cases; number++) {
    const bytes = bytesOf(new Dice(seed * 1_000_003 + number));
    const differs = (what: string): void => {
      differences.push(`seed ${seed}, case ${number}: ${what} in ${JSON.stringify(bytes)}`);
    };
    const judged = await judge.parse(bytes);
    bench.dyno.reset();
    const statuses = await statusesFrom(bench.router.port, bytes, judged);
    const forwarded = await forwardedBy(bench, judge, differs);
    for (const { message } of bench.dyno.seen)
      for (const fault of message.faults) differs(`the dyno objects to ${fault}`);
    for (const [at, status] of statuses.entries()) {
      const theirs = judged.requests[at];
      if (status !== 200) {
        if (theirs && !allowed(stricter, theirs, bytes)) differs(`answered ${status} to ${essence(theirs)}`);
        // An unknown host ends nothing here, but llhttp has read nothing beyond what it refused.
        if (!theirs && status === 404) forwarded.length = 0;
        if (!theirs && status === 404) break;
        continue;
      }
      served++;
      const ours = forwarded.shift();
      if (!ours) differs('a request answered without the dyno');
      else if (theirs && essence(ours) !== essence(theirs)) differs(`served ${essence(ours)} for ${essence(theirs)}`);
      else if (!theirs) {
        const rules = looser.filter(({ errors }) => errors.includes(judged.error ?? ''));
        if (!allowed(rules, ours, bytes)) differs(`served ${essence(ours)} where llhttp says ${judged.error}`);
        // llhttp has read nothing beyond it.
        forwarded.length = 0;
        break;
      }
    }
    for (const request of forwarded) differs(`forwarded ${essence(request)}, which was not answered,`);
  }
  assert.deepEqual(differences.slice(0, 10), [], `${differences.length} differences`);
  assert.ok(served > cases / 2, `only ${served} requests were served`);
  const unused = [...stricter, ...looser].filter((rule) => !used.has(rule)).map(({ why }) => why);
  if (seed === 1) assert.deepEqual(unused, [], 'differences that nothing showed');
});
