import type { IncomingMessage } from 'node:http';
import { Refusal } from './reply.ts';

const maxFormBytes = 32 * 1024;

/** @throws Refusal 415 when the body is not an HTML form, 413 when it is larger than 32 KB. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type))
    throw new Refusal(415, 'This address takes HTML forms only.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    // What is too much is read and dropped: a browser that is still sending would miss the answer.
    if (bytes <= maxFormBytes) chunks.push(chunk);
  }
  if (bytes > maxFormBytes) throw new Refusal(413, 'This form is longer than 32 KB.');
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/** One field as tidy text: no control characters but line breaks (PostgreSQL takes no NUL), no blanks around it. */
export function field(form: URLSearchParams, name: string): string {
  return (form.get(name) ?? '')
    .replaceAll('\r\n', '\n')
    .replace(/[^\P{Cc}\n]/gu, '')
    .trim();
}
