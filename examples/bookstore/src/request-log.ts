import type { IncomingMessage, ServerResponse } from 'node:http';

/** Writes one line when the answer is out. The query is left out: what people search for is theirs. */
export function logRequest(request: IncomingMessage, response: ServerResponse): void {
  const startedAtMs = performance.now();
  const path = request.url?.split('?')[0];
  response.once('close', () => {
    const ms = Math.round(performance.now() - startedAtMs);
    const outcome = response.writableFinished ? 'sent' : 'cut';
    const id = request.headers['x-request-id'] ?? '-';
    console.log(
      `method=${request.method} path=${path} status=${response.statusCode} ${outcome} ms=${ms} request_id=${id}`,
    );
  });
}
