import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BucketClient } from './client.ts';

const megabyte = 1024 * 1024;

/** What an app does with a bucket, the same for each client. @param folder for files, this client's alone */
export const takeSteps = async (client: BucketClient, folder: string): Promise<void> => {
  const at = (name: string): string => join(folder, name);
  const key = (name: string): string => `${client.name}/${name}`;
  const cameBack = async (name: string, content: Buffer): Promise<void> => {
    await client.get(key(name), at('back'));
    assert.ok((await readFile(at('back'))).equals(content), `${client.name} read ${name} as it was written`);
  };
  const [note, other, empty] = [Buffer.from('hello\n'), Buffer.from('hello again\n'), Buffer.alloc(0)];
  const film = randomBytes(11 * megabyte + 7);
  for (const [name, content] of Object.entries({ note, other, empty, film })) await writeFile(at(name), content);

  await client.put(at('note'), key('note.txt'));
  await client.put(at('other'), key('note.txt'));
  await cameBack('note.txt', other);
  const odd = 'ünï code/a+b & c%.txt';
  await client.put(at('note'), key(odd));
  await cameBack(odd, note);
  await client.put(at('empty'), key('empty'));
  // Larger than what any of them sends in one piece.
  await client.put(at('film'), key('films/film'));
  await client.copy(key('films/film'), key('films/copy'));
  await cameBack('films/copy', film);
  assert.deepEqual(await client.list(client.name), {
    [key('empty')]: 0,
    [key('films/copy')]: film.length,
    [key('films/film')]: film.length,
    [key('note.txt')]: other.length,
    [key(odd)]: note.length,
  });
  await assert.rejects(client.get(key('none'), at('absent')), `${client.name} was told that there is none`);
  assert.equal(await stat(at('absent')).catch(() => undefined), undefined);
  await client.clear(client.name);
  assert.deepEqual(await client.list(client.name), {});
};
