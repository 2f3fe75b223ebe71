import type { IncomingMessage } from 'node:http';
import { Refusal } from './reply.ts';

export const maxTextBytes = 32 * 1024;

const formTypes = /^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i;

/** @throws Refusal 415 when the body is not an HTML form, 413 when it is larger than `maxBytes`. */
export async function readForm(request: IncomingMessage, maxBytes = maxTextBytes): Promise<FormData> {
  const type = request.headers['content-type'] ?? '';
  if (!formTypes.test(type)) throw new Refusal(415, (words) => words.notAForm);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    // What is too much is read and dropped: a browser that is still sending would miss the answer.
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  if (bytes > maxBytes) throw new Refusal(413, (words) => words.largeForm);
  const body = new Response(Buffer.concat(chunks), { headers: { 'content-type': type } });
  return body.formData().catch(() => {
    throw new Refusal(400, (words) => words.notAForm);
  });
}

/** One field as tidy text: no control characters but line breaks (PostgreSQL takes no NUL), no blanks around it. */
export function field(form: FormData, name: string): string {
  return rawField(form, name)
    .replaceAll('\r\n', '\n')
    .replace(/[^\P{Cc}\n]/gu, '')
    .trim();
}

/** One field as it was typed, for passwords. */
export function rawField(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** The file of a field; undefined when none was chosen. */
export async function uploaded(form: FormData, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const value = form.get(name);
  return value instanceof File && value.size > 0 ? new Uint8Array(await value.arrayBuffer()) : undefined;
}
