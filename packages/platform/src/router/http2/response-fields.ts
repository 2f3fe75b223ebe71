import type { ResponseHead } from '../http1/response-head.ts';
import type { HpackEncoder } from './hpack-encoder.ts';

/** Writes the head of an answer as HTTP/2 has it: lower-case names, no framing. `extraFields` are whole lines. */
export const writeResponse = (encoder: HpackEncoder, head: ResponseHead, extraFields: string, first: boolean): void => {
  encoder.begin(head.status, first);
  encoder.addLines(head.fields);
  if (extraFields !== '') encoder.addLines(extraFields);
  if (head.lengthBytes !== undefined && !head.chunked && head.status !== 204 && head.status >= 200) {
    encoder.add('content-length', String(head.lengthBytes));
  }
  encoder.add('via', head.via ? `${head.via}, 1.1 ravine` : '1.1 ravine');
  if (!head.hasServer && head.status >= 200) encoder.add('server', 'ravine');
};
