import { copyFile, type FileHandle, open, stat, truncate } from 'node:fs/promises';

const maxLogBytes = 1024 * 1024;

/** Opens a server's log for appending, after which `from` on comes what the next start writes. */
export const openServerLog = async (path: string): Promise<{ file: FileHandle; from: number }> => {
  await boundServerLog(path);
  const file = await open(path, 'a', 0o600);
  return { file, from: (await file.stat()).size };
};

/** Moves a log that grew beyond 1 MB to `PATH.1` (over the one before) while the server writes on; a few lines may get lost then. */
export const boundServerLog = async (path: string): Promise<void> => {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size <= maxLogBytes) return;
  await copyFile(path, `${path}.1`);
  await truncate(path);
};

/** Not those that a login meets which comes too early or too late. */
const isFatal = / (PANIC|FATAL): (?! *the database system is )|: error while loading/;

/** Why a server did not start or has ended: its last fatal line after byte `from` of its log, or else the last line. */
export const reasonInLog = async (path: string, from: number): Promise<string> => {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return 'it wrote no log';
  try {
    const { size } = await file.stat();
    const start = Math.max(from <= size ? from : 0, size - 16_384);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16_384), 0, 16_384, start);
    const lines = buffer.toString('utf8', 0, bytesRead).trim().split('\n');
    const last = lines.findLast((line) => isFatal.test(line)) ?? lines.at(-1) ?? '';
    return last.replace(/^[\d-]+ [\d:.]+ \S+ \[\d+\] /, '').slice(0, 500) || 'it wrote nothing to its log';
  } finally {
    await file.close();
  }
};
