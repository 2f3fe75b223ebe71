import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { Answer } from '../answer/answer.ts';
import type { StaticFiles } from '../static-files.ts';
import { ExactFile } from './exact-file.ts';

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
  const { method = 'GET', url = '/', headers } = request;
  const answer = files.answer(url, { method, headers });
  if (answer === undefined) return false;
  sendAnswer(response, answer);
  return true;
};

const sendAnswer = (response: ServerResponse, { status, headers, body }: Answer): void => {
  response.writeHead(status, headers as string[]); // only read there; its type doesn't say so
  if (body === undefined || body instanceof Uint8Array) response.end(body);
  // An error after the headers can only cut the connection, which pipeline does.
  else pipeline(new ExactFile(body), response, () => {});
};
