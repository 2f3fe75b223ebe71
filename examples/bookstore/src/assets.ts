import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { Refusal, type Reply } from './reply.ts';

const folder = new URL('../public/', import.meta.url);
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const replies = new Map<string, Reply>();
const paths = new Map<string, string>();

// Read once at the start. The path holds the content's hash, so a browser may keep the file for good.
for (const name of readdirSync(folder)) {
  const body = readFileSync(new URL(name, folder));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  const headers = {
    'content-type': types[extname(name)] ?? 'application/octet-stream',
    'cache-control': 'public, max-age=31536000, immutable',
  };
  const path = `/assets/${hash}/${name}`;
  paths.set(name, path);
  replies.set(path, { status: 200, headers, body });
}

/** @throws Error when `public/` has no file of this name. */
export function assetPath(name: string): string {
  const path = paths.get(name);
  if (path === undefined) throw new Error(`expected a file public/${name}, found none; add it and start again`);
  return path;
}

/** @throws Refusal 404 when no file has this path now. */
export function assetAt(path: string): Reply {
  const reply = replies.get(path);
  if (reply === undefined) throw new Refusal(404, 'There is no such file.');
  return reply;
}
