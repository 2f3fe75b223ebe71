import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Editors write a file in several steps. */
const settleMs = 100;

/** Calls back when a file that was added changes; at most once per burst of changes. */
export class FileWatch {
  readonly #onChange: (path: string) => void;
  /** By folder, since a file that is replaced by a rename is another file. */
  readonly #folders = new Map<string, { readonly watcher: FSWatcher; readonly names: Set<string> }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: (path: string) => void) {
    this.#onChange = onChange;
  }

  add(path: string): void {
    const folder = dirname(path);
    const watched = this.#folders.get(folder);
    if (watched !== undefined) {
      watched.names.add(basename(path));
      return;
    }
    const names = new Set([basename(path)]);
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name === null || !names.has(name)) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#onChange(`${folder}/${name}`), settleMs);
    });
    watcher.on('error', () => undefined);
    this.#folders.set(folder, { watcher, names });
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { watcher } of this.#folders.values()) watcher.close();
  }
}
