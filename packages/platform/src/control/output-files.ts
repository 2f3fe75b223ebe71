import { EventEmitter, once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Writable } from 'node:stream';

const chunkBytes = 64 * 1024;

/** What builds and release commands write: files that can be followed while they grow. */
export class OutputFiles {
  private readonly growing = new Map<string, EventEmitter>();
  private readonly begun = new EventEmitter().setMaxListeners(0);

  /**
   * Starts a file anew; followers see each chunk when it is in the file. What can't be written any more, as on a full
   * disk, is lost without a word: who writes has more to tell than this.
   */
  async write(path: string): Promise<Writable> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = createWriteStream(path, { mode: 0o600 });
    await once(file, 'open');
    file.on('error', () => {});
    const events = new EventEmitter().setMaxListeners(0);
    this.growing.set(path, events);
    this.begun.emit('begun');
    const end = (): void => {
      if (this.growing.get(path) === events) this.growing.delete(path);
      events.emit('grown');
    };
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (file.destroyed) return done();
        file.write(chunk, () => {
          events.emit('grown');
          done();
        });
      },
      final(done) {
        file.end(() => {
          end();
          done();
        });
      },
      destroy(error, done) {
        file.destroy();
        end();
        done(error);
      },
    });
  }

  /** The file from its start, on to its end if it still grows; undefined when there is none. */
  async follow(path: string, signal: AbortSignal): Promise<Readable | undefined> {
    const file = await open(path).catch(() => undefined);
    return file === undefined ? undefined : Readable.from(this.chunks(path, file, signal), { objectMode: false });
  }

  /** Copies a file that is about to be written, from its first byte on; on abort, what is there by then and no more. */
  async copy(path: string, to: Writable, signal: AbortSignal): Promise<void> {
    while (!this.growing.has(path) && !signal.aborted) await once(this.begun, 'begun', { signal }).catch(() => {});
    for await (const chunk of (await this.follow(path, signal)) ?? []) to.write(chunk);
  }

  private async *chunks(
    path: string,
    file: Awaited<ReturnType<typeof open>>,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    await using _file = file;
    for (;;) {
      const events = this.growing.get(path);
      const grown = events === undefined ? undefined : once(events, 'grown', { signal });
      grown?.catch(() => {});
      const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes);
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (grown === undefined) return;
      else await grown;
    }
  }
}
