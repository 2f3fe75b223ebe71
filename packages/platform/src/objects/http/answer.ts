import type { ServerResponse } from 'node:http';
import type { S3Error } from '../s3-error.ts';
import { errorDocument, leaf } from '../xml/write-xml.ts';

/** Answers with a document of XML. */
export const sendXml = (response: ServerResponse, body: string, status = 200): void => {
  response.writeHead(status, { 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
};

/** Answers without a body. */
export const sendEmpty = (response: ServerResponse, status = 200): void => {
  response.writeHead(status, status === 204 ? {} : { 'Content-Length': 0 });
  response.end();
};

const ofEveryAnswer = /^(?:x-amz-request-id|server|connection|vary|access-control-.*)$/;

/** Answers with an error in S3's form, where nothing was answered yet; else the connection is all that can be cut. */
export const sendError = (response: ServerResponse, error: S3Error, resource: string, isHead: boolean): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What was said of an object is not true of the error; a 304 says it of what the client has.
  for (const name of response.getHeaderNames()) {
    const aboutBytes = name.startsWith('content-') || name.startsWith('x-amz-checksum');
    if (error.status === 304 ? aboutBytes : !ofEveryAnswer.test(name)) response.removeHeader(name);
  }
  if (isHead || error.status === 304) {
    response.writeHead(error.status);
    response.end();
    return;
  }
  const body = errorDocument([
    leaf('Code', error.code),
    leaf('Message', error.message),
    ...Object.entries(error.details).map(([name, value]) => leaf(name, value)),
    leaf('Resource', resource),
    leaf('RequestId', String(response.getHeader('x-amz-request-id') ?? '')),
  ]);
  sendXml(response, body, error.status);
};
