import type { ResponseHead } from '../http1/response-head.ts';
import { fieldText, linesText, statusText } from './field-text.ts';

const viaRouter = '1.1 ravine';
const via = fieldText('via', viaRouter);
const server = fieldText('server', 'ravine');

/**
 * The head of an answer as HTTP/2 has it: lower-case names, no framing. `extraFields` are whole lines; `first` is as
 * for `statusText`.
 */
export const responseText = (head: ResponseHead, extraFields: string, first: boolean): string => {
  const { status, lengthBytes } = head;
  let text = statusText(status, first) + linesText(head.fields);
  if (extraFields !== '') text += linesText(extraFields);
  if (lengthBytes !== undefined && !head.chunked && status !== 204 && status >= 200) {
    text += fieldText('content-length', String(lengthBytes));
  }
  text += head.via ? fieldText('via', `${head.via}, ${viaRouter}`) : via;
  return head.hasServer || status < 200 ? text : text + server;
};

/** The head of the router's own answer. */
export const pageText = (status: number, type: string, bodyBytes: number, first: boolean): string =>
  statusText(status, first) +
  fieldText('content-type', type) +
  fieldText('content-length', String(bodyBytes)) +
  fieldText('cache-control', 'no-cache, no-store') +
  server;
