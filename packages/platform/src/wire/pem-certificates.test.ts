import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeCertificate } from '../certs/testing/made-certificates.ts';
import { PemCertificates } from './pem-certificates.ts';

const place = async (t: TestContext) => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-pem-'));
  t.after(() => rm(folder, { recursive: true }));
  const { pem, keyPem } = makeCertificate('shop.test', { hosts: ['shop.test'] });
  return async (name: string): Promise<string> => {
    const file = join(folder, `${name}.pem`);
    await writeFile(file, keyPem + pem);
    return file;
  };
};

test('certificates that nobody asks for any more are let go, those in use stay', async (t) => {
  const write = await place(t);
  const files = new Map([['shop.test', await write('first')]]);
  const certificates = new PemCertificates((name) => files.get(name), { unusedMs: 0 });
  for (let renewals = 0; renewals < 20; renewals++) {
    files.set('shop.test', await write(`renewed-${renewals}`));
    assert.ok(await certificates.context('shop.test'));
  }
  assert.equal(certificates.size, 1);
});

test('certificates that are used are kept, however many there are', async (t) => {
  const write = await place(t);
  const files = new Map<string, string>();
  for (let n = 0; n < 20; n++) files.set(`app-${n}.test`, await write(`app-${n}`));
  const certificates = new PemCertificates((name) => files.get(name));
  for (const name of files.keys()) assert.ok(await certificates.context(name));
  assert.equal(certificates.size, 20);
  const [first] = files.keys();
  assert.equal(await certificates.context(first ?? ''), await certificates.context(first ?? ''));
});
