import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { sign } from '../src/media/signature.ts';

// The published examples of "Signature Calculations for the Authorization Header", Amazon S3 API Reference.
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const at = new Date('2013-05-24T00:00:00Z');
const bucket = 'https://examplebucket.s3.amazonaws.com';
const signatureOf = (method: string, url: string, headers: Record<string, string> = {}, body = '') =>
  sign({ method, url: new URL(url), headers, body: Buffer.from(body) }, credentials, at).authorization?.slice(-64);

test('requests are signed as the examples of S3 are', () => {
  strictEqual(
    signatureOf('GET', `${bucket}/test.txt`, { range: 'bytes=0-9' }),
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
  strictEqual(
    signatureOf(
      'PUT',
      `${bucket}/test%24file.text`,
      { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      'Welcome to Amazon S3.',
    ),
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  );
  strictEqual(
    signatureOf('GET', `${bucket}/?lifecycle`),
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  );
  strictEqual(
    signatureOf('GET', `${bucket}/?max-keys=2&prefix=J`),
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  );
});
