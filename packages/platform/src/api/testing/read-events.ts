/** One server-sent event as it came. */
export interface ReceivedEvent {
  readonly id: string | undefined;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Opens a stream of server-sent events and yields those that carry data, until the server ends it or the reader stops. */
export async function* readEvents(
  url: string,
  headers: Readonly<Record<string, string>>,
  onOpen: () => void = () => {},
): AsyncGenerator<ReceivedEvent> {
  const stopped = new AbortController();
  try {
    const answer = await fetch(url, { headers, signal: stopped.signal });
    if (answer.status !== 200 || answer.body === null)
      throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    let rest = '';
    let opened = false;
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = `${rest}${chunk}`.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        if (fields.has('id') && !opened) {
          opened = true;
          onOpen();
        }
        const data = fields.get('data');
        if (data === undefined) continue;
        yield { id: fields.get('id'), type: fields.get('event') ?? 'message', data: JSON.parse(data) };
      }
    }
  } finally {
    stopped.abort();
  }
}
