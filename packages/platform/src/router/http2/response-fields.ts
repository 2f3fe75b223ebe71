import type { OutgoingHttpHeaders } from 'node:http2';
import type { ResponseHead } from '../http1/response-head.ts';

/** The head of an answer as HTTP/2 has it: lower-case names, no framing. `extraFields` are whole lines. */
export const responseFields = (head: ResponseHead, extraFields: string): OutgoingHttpHeaders => {
  const fields: Record<string, number | string | string[]> = { ':status': head.status };
  for (const line of `${head.fields}${extraFields}`.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else fields[name] = [String(before), value];
  }
  if (head.lengthBytes !== undefined && !head.chunked && head.status !== 204 && head.status >= 200) {
    fields['content-length'] = String(head.lengthBytes);
  }
  fields.via = head.via ? `${head.via}, 1.1 ravine` : '1.1 ravine';
  if (!head.hasServer && head.status >= 200) fields.server = 'ravine';
  return fields;
};
