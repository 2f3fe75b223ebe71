import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { Answer } from '../answer/answer.ts';
import type { StaticFiles } from '../static-files.ts';
import { ExactFile } from './exact-file.ts';
import { heededOf } from './heeded-of.ts';

/** What Connect and Express call next; without an error the next handler answers. */
export type Next = (error?: unknown) => void;

/** Middleware for Connect and Express: `app.use(connectStatic(assets))`. */
export const connectStatic =
  (files: StaticFiles) =>
  (request: IncomingMessage, response: ServerResponse, next: Next): void => {
    let answered: boolean;
    try {
      answered = handleStatic(files, request, response);
    } catch (error) {
      next(error);
      return;
    }
    if (!answered) next();
  };

/** For node:http: answers when a file has this URL, and says whether it did. */
export const handleStatic = (files: StaticFiles, request: IncomingMessage, response: ServerResponse): boolean => {
  const { method = 'GET', url = '/' } = request;
  const served = files.find(url);
  if (served === undefined) return false;
  const answer = files.answerWith(served, url, { method, headers: heededOf(request) });
  if (answer === undefined) return false;
  sendAnswer(response, answer, request.httpVersionMajor === 1);
  return true;
};

/** Up to so many bytes it is cheaper to copy a body behind its headers than to write it on its own. */
const mostBytesCopied = 64 * 1024;
const texts = new WeakMap<Uint8Array, string>();

/** The same bytes as a text, which node:http sends together with the headers. */
const textOf = (bytes: Buffer): string => {
  const known = texts.get(bytes);
  if (known !== undefined) return known;
  const text = bytes.toString('latin1');
  texts.set(bytes, text);
  return text;
};

const sendAnswer = (response: ServerResponse, { status, headers, body }: Answer, isHttp1: boolean): void => {
  response.writeHead(status, headers as string[]); // only read there; its type doesn't say so
  if (body === undefined) response.end();
  else if (!(body instanceof Uint8Array)) {
    // An error after the headers can only cut the connection, which pipeline does.
    pipeline(new ExactFile(body), response, () => {});
  } else if (isHttp1 && status === 200 && body.length <= mostBytesCopied && Buffer.isBuffer(body))
    response.end(textOf(body), 'latin1');
  else response.end(body);
};
