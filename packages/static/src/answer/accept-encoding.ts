/** The codings that a file can be held in. */
export type Coding = 'identity' | 'zstd' | 'br' | 'gzip';

/** How much a client wants each coding: 0 is "never", undefined "it didn't say". */
export interface Wishes {
  readonly named: Readonly<Record<Coding, number | undefined>>;
  /** What `*` said. */
  readonly others: number | undefined;
}

const member = /^([!#$%&'*+.^_`|~0-9a-z-]+)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/**
 * The wishes in an Accept-Encoding header. A member that can't be read is left out, and never taken for a yes.
 * @see RFC 9110 section 12.5.3
 */
export const parseAcceptEncoding = (header: string): Wishes => {
  const said = new Map<string, number>();
  for (const part of header.split(',')) {
    const match = member.exec(part.trim());
    if (match?.[1] !== undefined) said.set(match[1].toLowerCase(), Number(match[2] ?? 1));
  }
  return {
    named: {
      identity: said.get('identity'),
      zstd: said.get('zstd'),
      br: said.get('br'),
      gzip: said.get('gzip') ?? said.get('x-gzip'),
    },
    others: said.get('*'),
  };
};

const remembered = new Map<string, Wishes>();
const mostRemembered = 200;

/** `parseAcceptEncoding`, remembering what the few kinds of clients send. */
export const wishesOf = (header: string): Wishes => {
  const known = remembered.get(header);
  if (known !== undefined) return known;
  const wishes = parseAcceptEncoding(header);
  if (remembered.size >= mostRemembered) remembered.clear();
  if (header.length <= 200) remembered.set(header, wishes);
  return wishes;
};

/**
 * The variant to send: the one the client wants most, the smallest of equals; undefined when it refuses them all.
 * A `*` alone is no wish for compression: plain bytes suit every client.
 * @param variants the plain one first, then the others from the smallest up
 */
export const chooseVariant = <Variant extends { readonly coding: Coding }>(
  variants: readonly Variant[],
  header: string | undefined,
): Variant | undefined => {
  const plain = variants[0];
  if (header === undefined || header === '') return plain;
  const { named, others } = wishesOf(header);
  // Unnamed, plain bytes are acceptable, but any coding that the client did name is preferred to them.
  const plainWeight = named.identity ?? (others === 0 ? 0 : undefined);
  let best = plainWeight === 0 ? undefined : plain;
  let bestWeight = plainWeight ?? 0;
  for (const variant of variants) {
    if (variant === plain) continue;
    const weight = named[variant.coding] ?? (plainWeight === 0 ? others : undefined) ?? 0;
    if (weight === 0 || weight < bestWeight) continue;
    if (weight > bestWeight || best === plain || best === undefined) {
      best = variant;
      bestWeight = weight;
    }
  }
  return best;
};
