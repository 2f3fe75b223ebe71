import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { BuildSource } from '../api/services.ts';
import { BuildFailed } from '../build/build-failed.ts';
import { type Commit, type CommitLocation, exportTree, readCommit } from '../git/source-tree.ts';

/** Where a build's source comes from: what it is called, and how it gets into a folder. */
export interface SourceTree {
  readonly commit: string | null;
  readonly description: string | null;
  /** Writes the source into a folder that does not exist yet; answers an id that equal sources share. */
  unpack(toFolder: string, signal: AbortSignal): Promise<string>;
}

/** The tree of a commit, of one that is being pushed as well. */
export const committedTree = async (location: CommitLocation): Promise<SourceTree> => {
  const commit: Commit = await readCommit(location);
  return {
    commit: commit.sha,
    description: commit.subject,
    async unpack(toFolder, signal) {
      await exportTree(location, toFolder, signal);
      return commit.treeId;
    },
  };
};

/** An archive (.tar.gz) somewhere on the web, for builds asked for over the API. */
export const archivedTree = (source: BuildSource): SourceTree => ({
  commit: source.version,
  description: source.versionDescription,
  async unpack(toFolder, signal) {
    const draft = `${toFolder}.archive`;
    const file = `${draft}.tgz`;
    try {
      await mkdir(draft, { recursive: true });
      const digest = await download(source.url, file, signal);
      if (source.checksum !== null && source.checksum.toLowerCase() !== `sha256:${digest}`) {
        throw unavailable(`its checksum is SHA256:${digest}, not ${source.checksum}`);
      }
      await promisify(execFile)('tar', ['-xzf', file, '--no-same-owner', '-C', draft], { signal }).catch(() => {
        throw unavailable('it is not a .tar.gz archive');
      });
      // Archives of source hosts hold one folder; others hold the files themselves.
      const entries = await readdir(draft, { withFileTypes: true });
      const only = entries.length === 1 && entries[0]?.isDirectory() ? entries[0].name : undefined;
      await rename(only === undefined ? draft : join(draft, only), toFolder);
      return digest;
    } finally {
      await rm(file, { force: true });
      await rm(draft, { recursive: true, force: true });
    }
  },
});

const unavailable = (reason: string): BuildFailed =>
  new BuildFailed('source_unavailable', `The source of the build could not be had: ${reason}.`);

/** @returns the SHA-256 of the file in hex. */
const download = async (url: string, file: string, signal: AbortSignal): Promise<string> => {
  const response = await fetch(url, { signal }).catch((error: Error) => {
    throw unavailable(error.cause instanceof Error ? error.cause.message : error.message);
  });
  if (!response.ok || response.body === null) throw unavailable(`its server answered ${response.status}`);
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  // The web stream's type lacks what Node's own has.
  await pipeline(
    Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
    hashing,
    createWriteStream(file),
    { signal },
  );
  return hash.digest('hex');
};
