import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Private keys and chains as the router reads them: a folder of PEM files of mode 0600 that never change, each named
 * after what is in it. They are made from the store whenever one is missing, so the folder may be lost at any time.
 */
export class CertificateFiles {
  private readonly folder: string;
  private readonly present: Set<string>;
  /** What is being made or removed, by path. */
  private readonly busy = new Map<string, Promise<unknown>>();

  private constructor(folder: string, present: Set<string>) {
    this.folder = folder;
    this.present = present;
  }

  /** @param folder exists, and nobody else may enter it. */
  static async open(folder: string): Promise<CertificateFiles> {
    const paths = (await readdir(folder)).map((name) => join(folder, name));
    for (const path of paths.filter((each) => !each.endsWith('.pem'))) await rm(path, { force: true });
    return new CertificateFiles(folder, new Set(paths.filter((each) => each.endsWith('.pem'))));
  }

  /**
   * The path of a file, made when it is absent; undefined when there is nothing to make it from.
   * @param name without ending: tells this content from every other
   * @param make gives the private key followed by its chain
   */
  async file(name: string, make: () => Promise<string | undefined>): Promise<string | undefined> {
    const path = join(this.folder, `${name}.pem`);
    while (this.busy.has(path)) await this.busy.get(path);
    if (!this.present.has(path)) await this.alone(path, () => this.write(path, make));
    return this.present.has(path) ? path : undefined;
  }

  /** Removes every file but these. Call it when nobody needs another any more. */
  async keepOnly(paths: ReadonlySet<string>): Promise<void> {
    for (const path of [...this.present]) {
      if (paths.has(path) || this.busy.has(path)) continue;
      this.present.delete(path);
      await this.alone(path, () => rm(path, { force: true }));
    }
  }

  private async alone(path: string, act: () => Promise<void>): Promise<void> {
    const acting = act();
    this.busy.set(
      path,
      acting.catch(() => undefined),
    );
    try {
      await acting;
    } finally {
      this.busy.delete(path);
    }
  }

  private async write(path: string, make: () => Promise<string | undefined>): Promise<void> {
    const text = await make();
    if (text === undefined) return;
    const temporary = `${path}.tmp`;
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    this.present.add(path);
  }
}
