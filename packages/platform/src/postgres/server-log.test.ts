import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openServerLog, reasonInLog } from './server-log.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ravine-log-'));
});
after(() => rm(folder, { recursive: true }));

test('the reason for a failed start is the last fatal line that it wrote, without its time', async () => {
  const path = join(folder, 'reasons');
  const first = await openServerLog(path);
  await first.file.write('2026-01-02 03:04:05.678 UTC [1] FATAL:  an older start\n');
  await first.file.close();
  const second = await openServerLog(path);
  await second.file.write('2026-01-02 03:04:05.678 UTC [12] FATAL:  no space left\nlast line\n');
  // A login that came while it was ending.
  await second.file.write(
    '2026-01-02 03:04:05.679 UTC [13] FATAL:  the database system is not accepting connections\n',
  );
  await second.file.close();
  assert.equal(await reasonInLog(path, second.from), 'FATAL:  no space left');
  const third = await openServerLog(path);
  await third.file.close();
  assert.equal(await reasonInLog(path, third.from), 'it wrote nothing to its log');
});

test('a log beyond its bound moves aside, and the server writes on from the beginning', async () => {
  const path = join(folder, 'long');
  const { file } = await openServerLog(path);
  await file.write('x'.repeat(2_000_000));
  const next = await openServerLog(path);
  assert.equal(next.from, 0);
  await file.write('after');
  assert.equal((await stat(path)).size, 5);
  assert.equal((await stat(`${path}.1`)).size, 2_000_000);
  await file.close();
  await next.file.close();
});
