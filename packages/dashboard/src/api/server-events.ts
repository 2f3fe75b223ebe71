/** The `data` of one server-sent event (HTML Standard, section 9.2), or undefined for a comment. */
export const readEvent = (block: string): string | undefined => {
  const lines = block.split('\n').filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n');
};

/** The `id` of one server-sent event, if it has one. */
export const readEventId = (block: string): string | undefined => /^id: ?(\S+)$/m.exec(block)?.[1];

/** Whole blocks of an event stream, as they come. */
export async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    yield* blocks;
  }
}
