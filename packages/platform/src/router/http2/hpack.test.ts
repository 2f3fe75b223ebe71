import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldText, linesText, statusText } from './field-text.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { readHuffman } from './huffman.ts';

const open = () => new HpackDecoder({ listBytes: 65_536, fields: 100 });
const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
/** Fields of one block after another, each as `name: value`; undefined once one can't be read. */
const read = (decoder: HpackDecoder, hex: string): readonly string[] | undefined => {
  const bytes = bytesOf(hex);
  if (!decoder.decode(bytes, 0, bytes.length)) return undefined;
  return decoder.fields.map(({ name, value }) => `${name}: ${value}`);
};

const requests = [
  [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
  [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
  [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value'],
];
const setCookie = 'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';
const responses = [
  [
    ':status: 302',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:21 GMT',
    'location: https://www.example.com',
  ],
  [
    ':status: 307',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:21 GMT',
    'location: https://www.example.com',
  ],
  [
    ':status: 200',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:22 GMT',
    'location: https://www.example.com',
    'content-encoding: gzip',
    setCookie,
  ],
];

test('single fields read as RFC 7541 appendix C.2 says', () => {
  assert.deepEqual(read(open(), '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572'), [
    'custom-key: custom-header',
  ]);
  assert.deepEqual(read(open(), '040c 2f73 616d 706c 652f 7061 7468'), [':path: /sample/path']);
  assert.deepEqual(read(open(), '1008 7061 7373 776f 7264 0673 6563 7265 74'), ['password: secret']);
  assert.deepEqual(read(open(), '82'), [':method: GET']);
});

test('three requests on one connection read as appendix C.3 and C.4 say, without and with Huffman coding', () => {
  const plain = open();
  const coded = open();
  const blocks = [
    ['8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d', '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'],
    ['8286 84be 5808 6e6f 2d63 6163 6865', '8286 84be 5886 a8eb 1064 9cbf'],
    [
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ],
  ];
  for (const [i, [inPlain = '', inCode = '']] of blocks.entries()) {
    assert.deepEqual(read(plain, inPlain), requests[i]);
    assert.deepEqual(read(coded, inCode), requests[i]);
  }
});

test('three responses whose fields push each other out of a table of 256 bytes read as appendix C.6 says', () => {
  const decoder = open();
  const blocks = [
    '3fe101 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
    '4883 640e ffc1 c0bf',
    '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
  ];
  assert.deepEqual(
    blocks.map((block) => read(decoder, block)),
    responses,
  );
});

test('what is no block of fields is refused', () => {
  for (const [why, hex] of [
    ['index 0', '80'],
    ['an index beyond the table', 'be'],
    ['a name beyond the table', '7e 0161'],
    ['an integer without end', 'ff ff ff ff ff ff ff ff'],
    ['an integer far too large', 'ff ff ff ff ff 7f'],
    ['an integer that breaks off', '7f'],
    ['a string longer than the block', '40 0561'],
    ['a field without value', '40 0161'],
    ['a table larger than agreed', '3f e2 1f'],
    ['a resize behind a field', '82 20'],
    ['padding longer than seven bits', '00 8161 82ffff'],
    ['padding that is not all ones', '00 0161 8118'],
    ['the end of a string in a string', '00 0161 84ffffffff'],
  ] as const) {
    assert.equal(read(open(), hex), undefined, why);
  }
});

test('a list larger than the limit is read to its end, for the sake of the table, but not kept', () => {
  const decoder = new HpackDecoder({ listBytes: 100, fields: 100 });
  assert.deepEqual(read(decoder, '40 0161 0162 82 82 82'), ['a: b', ':method: GET']);
  assert.equal(decoder.exceeds, true);
  assert.deepEqual(read(decoder, 'be'), ['a: b']);
  assert.equal(decoder.exceeds, false);
});

test('what is written is what a decoder reads', () => {
  const long = 'v'.repeat(5_000);
  const lines = `Content-Type: text/plain\r\nX-Own:  caf\xe9 \r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Empty:\r\n`;
  const decoder = open();
  const hexOf = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
  assert.deepEqual(read(decoder, hexOf(statusText(200, true) + linesText(lines) + fieldText('x-long', long))), [
    ':status: 200',
    'content-type: text/plain',
    'x-own: caf\xe9',
    'set-cookie: a=1',
    'set-cookie: b=2',
    'x-empty: ',
    `x-long: ${long}`,
  ]);
  assert.deepEqual(read(decoder, hexOf(statusText(418, false) + linesText('X-OWN: again\r\n'))), [
    ':status: 418',
    'x-own: again',
  ]);
});

test('an empty string is one, in Huffman coding too', () => {
  assert.equal(readHuffman(Buffer.alloc(0), 0, 0), '');
});
