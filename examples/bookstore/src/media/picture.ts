import { createHash } from 'node:crypto';

export interface Picture {
  /** Made of the content, so that a changed picture has another address and browsers may keep each for good. */
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export const maxPictureBytes = 2 * 1024 * 1024;

/** How files begin, in hex; a name or a media type says only what the sender thinks. */
const beginnings = [
  { extension: 'jpg', pattern: /^ffd8ff/ },
  { extension: 'png', pattern: /^89504e470d0a1a0a/ },
  { extension: 'webp', pattern: /^52494646.{8}57454250/ },
] as const;

const types: Readonly<Record<string, string>> = { jpg: 'image/jpeg', png: 'image/png', webp: 'image/webp' };

/** Undefined when the bytes are no picture that a browser shows, or too many. */
export function readPicture(bytes: Uint8Array<ArrayBuffer>): Picture | undefined {
  if (bytes.length > maxPictureBytes) return undefined;
  const start = Buffer.from(bytes.subarray(0, 12)).toString('hex');
  const kind = beginnings.find(({ pattern }) => pattern.test(start));
  if (kind === undefined) return undefined;
  const name = `${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}.${kind.extension}`;
  return { name, type: typeOf(name), bytes };
}

/** The media type of a name that {@link readPicture} made. */
export function typeOf(name: string): string {
  return types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
}
