import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type ChecksumAlgorithm, compositeChecksum, startChecksum } from './checksum.ts';
import { combineChecksums } from './combine-crc.ts';

/** Of the nine digits `123456789`, from the catalogues of CRCs and from RFC 6234's programs. */
const known: Readonly<Record<ChecksumAlgorithm, string>> = {
  CRC32: 'cbf43926',
  CRC32C: 'e3069283',
  CRC64NVME: 'ae8b14860a799888',
  SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
};

const digestOf = (algorithm: ChecksumAlgorithm, ...pieces: readonly Uint8Array[]): Buffer => {
  const running = startChecksum(algorithm);
  for (const piece of pieces) running.update(piece);
  return running.digest();
};

for (const [algorithm, digest] of Object.entries(known) as [ChecksumAlgorithm, string][]) {
  test(`${algorithm} of the nine digits is the published one, however the bytes are cut`, () => {
    const digits = Buffer.from('123456789');
    assert.equal(digestOf(algorithm, digits).toString('hex'), digest);
    for (let cut = 0; cut <= digits.length; cut++)
      assert.equal(digestOf(algorithm, digits.subarray(0, cut), digits.subarray(cut)).toString('hex'), digest);
  });
}

for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
  test(`${algorithm} of a whole is had from those of its parts`, () => {
    const parts = [randomBytes(100_003), randomBytes(1), Buffer.alloc(0), randomBytes(70_000)];
    const combined = combineChecksums(
      algorithm,
      parts.map((part) => ({ value: digestOf(algorithm, part).toString('base64'), size: part.length })),
    );
    assert.deepEqual(combined, {
      algorithm,
      value: digestOf(algorithm, ...parts).toString('base64'),
      type: 'FULL_OBJECT',
    });
  });
}

test('a composite checksum is that of the parts’ checksums, with their number behind it', () => {
  const parts = [Buffer.from('one'), Buffer.from('two')].map((part) => digestOf('SHA256', part));
  const expected = `${digestOf('SHA256', Buffer.concat(parts)).toString('base64')}-2`;
  assert.equal(
    compositeChecksum(
      'SHA256',
      parts.map((part) => part.toString('base64')),
    ),
    expected,
  );
});
