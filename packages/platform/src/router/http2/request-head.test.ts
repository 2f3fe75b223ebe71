import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from '../../domain/dice.fixture.ts';
import { parseRequestHead } from '../http1/request-head.ts';
import { Field } from './field.ts';
import { judgeHead } from './request-head.ts';
import { requestLines } from './request-lines.ts';

const heads = 20_000;

const names = [
  ...['accept', 'accept-language', 'user-agent', 'x-mine', 'x-trace', 'referer', 'priority', 'x'.repeat(1_001)],
  ...['cookie', 'cookie', 'content-length', 'host', 'expect', 'via', 'x-forwarded-for', 'x-request-id', 'te'],
  ...['x-forwarded-proto', 'x-forwarded-port', 'x-request-start', 'proxy-authorization', 'http2-settings'],
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'],
  ...['x_forwarded_for', 'x-forwarded_proto', 'content_length', 'transfer_encoding', 'x_mine', 'via_'],
  ...['X-Upper', 'Host', '', 'x y', 'x:y', ':path', ':unknown', 'caf\xe9', 'x\r\ny'],
] as const;
const values = [
  ...['', '1', '0', '10', '003', '+3', '3, 3', '12345678901234567890', 'trailers', 'gzip', '100-continue'],
  ...['shop.test', 'a=1', 'a=1; b=2', 'caf\xe9', 'a\tb', ' a', 'a ', '\ta', 'a\rb', 'a\nb', 'a\r\nHost: b', 'a\0b'],
  ...['\x01', '\x7f', 'v'.repeat(5_000), 'v'.repeat(9_000), '9.9.9.9', 'chunked', 'close'],
] as const;
const pseudo = {
  ':method': ['GET', 'POST', 'HEAD', 'PURGE', 'OPTIONS', 'CONNECT', 'G T', '', 'GET /x', 'm'.repeat(128), 'caf\xe9'],
  ':path': ['/', '/a?b=c', '//a/../%2e', '*', '', 'x', '/a b', '/a#b', '/caf\xe9', '/\t', `/${'p'.repeat(9_000)}`],
  ':authority': ['shop.test', 'SHOP.test:8443', '[::1]:80', 'a_b.test', 'u@shop.test', '', 'a, b', 'shop.test:'],
  ':scheme': ['https', 'http', '', 'ftp'],
} as const;

const pickFrom = <T>(dice: Dice, from: readonly T[]): T => from[dice.below(from.length)] ?? (from[0] as T); // none is empty

/** Mostly what a client sends, sometimes anything. */
const randomFields = (dice: Dice): Field[] => {
  const oddity = dice.pick([0, 0, 0.05, 0.3]);
  const choose = <T>(from: readonly T[]): T => (dice.chance(oddity) ? pickFrom(dice, from) : (from[0] as T)); // as above
  const fields: Field[] = [];
  for (const [name, of] of Object.entries(pseudo)) {
    if (!dice.chance(oddity / 5)) fields.push(Field.of(name, choose<string>(of)));
    if (dice.chance(oddity / 20)) fields.push(Field.of(name, choose<string>(of)));
  }
  for (let i = dice.below(8); i > 0; i--) {
    const name = pickFrom(dice, dice.chance(oddity) ? names : names.slice(0, 7));
    const value = pickFrom(dice, dice.chance(oddity) ? values : values.slice(0, 3));
    const sameName = fields.find((field) => field.name === name);
    fields.push(sameName?.withValue(value) ?? Field.of(name, value));
  }
  // Order matters for pseudo-header fields.
  if (dice.chance(oddity / 5)) fields.reverse();
  return fields;
};

test('a head is judged as the parser of HTTP/1.1 judges it when it is written out as text', () => {
  const seen = { plain: 0, odd: 0, refused: 0 };
  for (let seed = 1; seed <= heads; seed++) {
    const dice = new Dice(seed);
    const fields = randomFields(dice);
    const ended = dice.chance(0.5);
    const { head, text } = judgeHead(fields, ended);
    const lines = requestLines(fields, ended);
    const parsed = lines === undefined ? undefined : parseRequestHead(lines);
    const shown = `seed ${seed}: ${JSON.stringify(fields.map(({ name, value }) => [name, value]))}`;
    if (parsed?.kind !== 'head' || (ended && parsed.bodyBytes > 0)) {
      assert.deepEqual([head.kind, lines], ['refusal', lines === undefined ? undefined : text], shown);
      if (parsed?.kind === 'refusal') assert.deepEqual(head, parsed, shown);
      seen.refused++;
    } else {
      assert.deepEqual({ ...head, bytes: 0 }, { ...parsed, bytes: 0 }, shown);
      seen[text === '' ? 'plain' : 'odd']++;
    }
  }
  for (const [kind, count] of Object.entries(seen)) assert.ok(count > heads / 100, `only ${count} were ${kind}`);
});
