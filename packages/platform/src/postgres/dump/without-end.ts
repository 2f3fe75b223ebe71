const longestEnd = 8;

/** Leaves out the mark `\.` and the empty lines behind the last row, which COPY from a client doesn't want. */
export async function* withoutEnd(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of content) {
    if (chunk.length < longestEnd) held = Buffer.concat([held, chunk]);
    else {
      if (held.length > 0) yield held;
      held = chunk;
    }
  }
  const cut = Math.max(0, held.length - longestEnd);
  const end = held.toString('latin1', cut).replace(/(^|\n)\\\.\n+$/, '$1');
  if (cut + end.length > 0) yield held.subarray(0, cut + end.length);
}
