import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertRoom, NoRoom } from './disk-room.ts';
import { makeFolder, writeDurably } from './write-durably.ts';

const root = await mkdtemp(join(tmpdir(), 'ravine-files-'));
after(() => rm(root, { recursive: true, force: true }));

test('a file is replaced as a whole, for its owner alone, also over what a killed writer has left', async () => {
  const folder = join(root, 'a', 'b');
  await makeFolder(folder, 0o700);
  await writeFile(join(folder, 'file.new'), 'half of something that is longer');
  for (const text of ['one', 'two']) await writeDurably(join(folder, 'file'), text);
  assert.equal(await readFile(join(folder, 'file'), 'utf8'), 'two');
  assert.equal((await stat(join(folder, 'file'))).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ['file']);
});

test('folders that are there already stay as they are', async () => {
  await chmod(join(root, 'a'), 0o755);
  await makeFolder(join(root, 'a', 'b', 'c', 'd'), 0o700);
  await makeFolder(join(root, 'a', 'b', 'c', 'd'), 0o711);
  assert.equal((await stat(join(root, 'a'))).mode & 0o777, 0o755);
  assert.equal((await stat(join(root, 'a', 'b', 'c', 'd'))).mode & 0o777, 0o700);
});

test('what has no room is refused with the figures', async () => {
  await assertRoom(root, 1, 'A restore');
  const refused = assertRoom(root, 1e15, 'A restore');
  await assert.rejects(refused, /^NoRoom: A restore needs up to \d+ MB of free disk, and there are \d+ MB\. Free some/);
  await assert.rejects(refused, NoRoom);
});
