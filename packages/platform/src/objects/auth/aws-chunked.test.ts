import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChunked } from './aws-chunked.ts';
import { signingKey } from './signature-v4.ts';

/**
 * @see Amazon S3 API Reference, "Signature calculations for the Authorization header: transferring payload in multiple
 * chunks" and "Including trailing headers": the same 66,560 letters, in both ways.
 */
const scope = '20130524/us-east-1/s3/aws4_request';
const seed = {
  key: signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope),
  scope,
  date: '20130524T000000Z',
};
const plain = {
  seed: { ...seed, signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9' },
  trailer: false,
  body: chunks(
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ),
} as const;
const trailing = {
  seed: { ...seed, signature: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e' },
  trailer: true,
  body: `${chunks(
    'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
  ).slice(
    0,
    -2,
  )}x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n`,
} as const;

function chunks(first: string, second: string, last: string): string {
  const chunk = (size: number, signature: string) =>
    `${size.toString(16)};chunk-signature=${signature}\r\n${'a'.repeat(size)}\r\n`;
  return `${chunk(65_536, first)}${chunk(1024, second)}0;chunk-signature=${last}\r\n\r\n`;
}

async function* cut(text: string, every: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += every) yield Buffer.from(text.slice(at, at + every), 'latin1');
}

const read = async (
  { body, ...options }: typeof plain | typeof trailing | (typeof plain & { body: string }),
  every = 4096,
) => {
  const trailers: string[] = [];
  const pieces: Buffer[] = [];
  const onTrailer = (name: string, value: string) => void trailers.push(`${name}: ${value}`);
  for await (const piece of readChunked(cut(body, every), { ...options, onTrailer })) pieces.push(piece);
  return { text: Buffer.concat(pieces).toString('latin1'), trailers };
};

test("AWS's own example of a stream whose chunks are signed is read, however it is cut", async () => {
  for (const every of [1_000_000, 4096, 997])
    assert.deepEqual(await read(plain, every), { text: 'a'.repeat(66_560), trailers: [] });
});

test('and the one with a signed trailer', async () => {
  for (const every of [1_000_000, 4096, 997]) {
    const { text, trailers } = await read(trailing, every);
    assert.deepEqual([text.length, trailers], [66_560, ['x-amz-checksum-crc32c: sOO8/Q==']]);
  }
});

test('a letter changed in any chunk, in a signature or in the trailer is found', async () => {
  for (const at of [70_000, 66_000, 300, 90]) {
    const body = `${plain.body.slice(0, at)}b${plain.body.slice(at + 1)}`;
    if (body === plain.body) continue;
    await assert.rejects(read({ ...plain, body: body as typeof plain.body }), /signature|malformed/i, String(at));
  }
  const body = trailing.body.replace('sOO8/Q==', 'sOO8/R==');
  await assert.rejects(read({ ...trailing, body: body as typeof trailing.body }), /signature/i);
});

test('a stream that ends early, or goes on behind its end, is refused', async () => {
  for (const body of [plain.body.slice(0, 50_000), plain.body.slice(0, 66_700), `${plain.body}more`])
    await assert.rejects(read({ ...plain, body: body as typeof plain.body }));
});
