import type { Dice } from '../domain/dice.fixture.ts';

type Choices = readonly [string, ...string[]];

// Each list begins with what is normal; the rest is what parsers have been seen to disagree about.
const methods: Choices = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'PATCH',
  'get',
  'FOO',
  'G T',
  'CONNECT',
  'PRI',
  '',
];
const versions: Choices = [
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/0.9',
  'http/1.1',
  'HTTP/1.10',
  'HTTP /1.1',
  '',
];
const lineEnds: Choices = ['\r\n', '\n', '\r', '\r\r\n', '\n\r', '\0\r\n', ' \r\n', '\r\n '];
const targets: Choices = ['', '?a=b', '/%00', '#f', ' x', '\x80', '\t', '\0', '\\', '//..', '*'];
const prefixes: Choices = [
  '',
  'http://shop.test',
  'http://other.test',
  'http://a@shop.test',
  'HTTPS://shop.test',
  '*',
  '\r\n',
];
const hosts: Choices = [
  'shop.test',
  'SHOP.test:80',
  'other.test',
  'nowhere.test',
  'shop.test, other.test',
  '',
  'shop.test/x',
  'a b',
  '[::1]',
];
const lengths: Choices = [
  '5',
  '0',
  '05',
  '+5',
  '-5',
  '5 5',
  '5,5',
  '5, 6',
  '0x5',
  '5;',
  '',
  '4',
  '6',
  '99999999999999999999',
  '5\t',
  '\x0b5',
];
const codings: Choices = [
  'chunked',
  'Chunked',
  ' chunked ',
  'gzip, chunked',
  'chunked, chunked',
  'chunked, identity',
  'identity',
  'xchunked',
  '"chunked"',
  'chunked;a',
  ',chunked',
  'chunked,',
  '\x0bchunked',
  '',
  'chun\0ked',
];
const names: Choices = [
  'X-Any',
  'Content-Length',
  'Transfer-Encoding',
  'Content_Length',
  'Transfer-Encoding ',
  ' X',
  'X\0',
  'X(',
  '',
  'Host',
  'Connection',
  'Upgrade',
  'Expect',
  'Trailer',
  'TE',
  'X-Forwarded-For',
  'Cookie',
];
const values: Choices = [
  'v',
  '',
  'close',
  'keep-alive',
  'Upgrade',
  'websocket',
  'h2c',
  '100-continue',
  'a\x00b',
  'a\rb',
  'a\nb',
  '\xe9',
  '\x7f',
  '\x01',
  'Content-Length',
  'Transfer-Encoding',
  ',',
  '"',
  'a\r\n b',
  'chunked',
  '5',
];
const connections: Choices = ['keep-alive', 'close', 'x-any', 'a, b', ',', '"', 'a b', 'Content-Length', ''];
const sizes: Choices = [
  '5',
  '05',
  '5;a=b',
  '5;a="b',
  '5 ',
  ' 5',
  '0x5',
  '+5',
  '5_',
  'G',
  '',
  '6',
  '4',
  '100000000',
  '10000000000000005',
  '5\n',
  '5\r',
  '5;\n',
  '5;a\0',
];
const dataEnds: Choices = ['\r\n', '\n', '', '\r', 'X\r\n', '\r\n\r\n'];
const lasts: Choices = [
  '0\r\n\r\n',
  '0\r\nX: y\r\n\r\n',
  '0\n\n',
  '0\r\n\n',
  '00\r\n\r\n',
  '0;a\r\n\r\n',
  '0\r\nX\r\n\r\n',
  '0\r\n X: y\r\n\r\n',
  '0\r\n',
  '',
  '-0\r\n\r\n',
];
const splices: Choices = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '0',
  '5',
  '\xff',
  '\r\n\r\n',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'GET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n',
];

/** Mostly the first of a list. */
const usually = (dice: Dice, from: Choices, part = 0.06): string => (dice.chance(part) ? dice.pick(from) : from[0]);

const chunkedBody = (dice: Dice): string => {
  let body = '';
  const count = dice.below(3);
  for (let i = 0; i < count; i++) body += `${usually(dice, sizes)}\r\nhello${usually(dice, dataEnds, 0.04)}`;
  return body + usually(dice, lasts);
};

/** One request for `path`, most of the time with something wrong in it. */
export const hostileRequest = (dice: Dice, path: string): string => {
  const end = (): string => usually(dice, lineEnds, 0.01);
  const target = `${usually(dice, prefixes, 0.08)}${path}${usually(dice, targets)}`;
  const space = usually(dice, [' ', '  ', '\t'], 0.01);
  const fields = [`Host: ${usually(dice, hosts, 0.04)}`];
  const framing = dice.pick(['none', 'none', 'length', 'length', 'chunked', 'chunked', 'both']);
  if (framing === 'length' || framing === 'both') fields.push(`Content-Length: ${usually(dice, lengths, 0.1)}`);
  if (framing === 'chunked' || framing === 'both') fields.push(`Transfer-Encoding: ${usually(dice, codings, 0.1)}`);
  if (dice.chance(0.05))
    fields.push(dice.pick(['Connection: ', 'connection:'] as const) + usually(dice, connections, 0.6));
  if (dice.chance(0.03)) fields.push(dice.pick([fields[0] ?? '', ...fields.slice(1)]));
  while (dice.chance(0.3))
    fields.splice(dice.below(fields.length + 1), 0, `${usually(dice, names, 0.5)}: ${usually(dice, values, 0.4)}`);
  const body = framing === 'none' ? '' : framing === 'length' ? 'hello' : chunkedBody(dice);
  const method = framing === 'none' ? usually(dice, methods, 0.3) : usually(dice, ['POST', ...methods], 0.2);
  const line = `${method}${space}${target}${space}${usually(dice, versions, 0.06)}`;
  return line + end() + fields.map((field) => field + end()).join('') + end() + body;
};

/** Puts something in, takes something out, or doubles something, once or a few times. */
export const mutate = (dice: Dice, bytes: string): string => {
  let result = bytes;
  do {
    const at = dice.below(result.length + 1);
    const to = at + dice.below(6);
    const [before, middle, after] = [result.slice(0, at), result.slice(at, to), result.slice(to)];
    const kind = dice.below(4);
    if (kind === 0) result = before + after;
    else if (kind === 1) result = before + dice.pick(splices) + middle + after;
    else if (kind === 2) result = before + middle + middle + after;
    else result = before + String.fromCharCode(dice.below(256)) + middle + after;
  } while (dice.chance(0.4));
  return result;
};
