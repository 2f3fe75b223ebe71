import { createHash, createHmac } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Account } from '../store/account-file.ts';

const region = 'eu-west-1';
const chunkBytes = 64 * 1024;
const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: string | Buffer, words: string): Buffer => createHmac('sha256', key).update(words).digest();

export interface SignedStream {
  readonly port: number;
  readonly account: Account;
  readonly path: string;
  readonly body: Buffer;
  /** Headers behind the body, signed as well. */
  readonly trailer?: Readonly<Record<string, string>>;
  /** Changes what is sent after it was signed. */
  readonly spoil?: (bytes: Buffer) => Buffer;
}

/**
 * A PUT as older SDKs and other clients stream it: in chunks of which each is signed on the one before
 * (`STREAMING-AWS4-HMAC-SHA256-PAYLOAD`, with a trailer `-TRAILER`).
 */
export const putSignedStream = async (stream: SignedStream): Promise<{ status: number; body: string }> => {
  const { port, account, path, body, trailer, spoil = (bytes) => bytes } = stream;
  const date = `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`;
  const kind = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer === undefined ? '' : '-TRAILER'}`;
  const headers: Record<string, string> = {
    'content-encoding': 'aws-chunked',
    host: `127.0.0.1:${port}`,
    'x-amz-content-sha256': kind,
    'x-amz-date': date,
    'x-amz-decoded-content-length': String(body.length),
    ...(trailer && { 'x-amz-trailer': Object.keys(trailer).join(',') }),
  };
  const names = Object.keys(headers).sort();
  const canonical = ['PUT', path, '', ...names.map((name) => `${name}:${headers[name]}`), '', names.join(';'), kind];
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${account.secretKey}`);
  const sign = (...lines: string[]): string => hmac(key, lines.join('\n')).toString('hex');
  let last = sign('AWS4-HMAC-SHA256', date, scope, sha256(canonical.join('\n')));
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${account.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${last}`;
  const pieces: Buffer[] = [];
  for (let at = 0; ; at += chunkBytes) {
    const chunk = body.subarray(at, at + chunkBytes);
    last = sign('AWS4-HMAC-SHA256-PAYLOAD', date, scope, last, sha256(''), sha256(chunk));
    pieces.push(Buffer.from(`${chunk.length.toString(16)};chunk-signature=${last}\r\n`), chunk);
    if (chunk.length === 0) break;
    pieces.push(Buffer.from('\r\n'));
  }
  if (trailer) {
    const lines = Object.entries(trailer).map(([name, value]) => `${name}:${value}`);
    const signature = sign('AWS4-HMAC-SHA256-TRAILER', date, scope, last, sha256(`${lines.join('\n')}\n`));
    pieces.push(Buffer.from(`${[...lines, `x-amz-trailer-signature:${signature}`].join('\r\n')}\r\n`));
  }
  pieces.push(Buffer.from('\r\n'));
  const bytes = spoil(Buffer.concat(pieces));
  headers['content-length'] = String(bytes.length);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ port, host: '127.0.0.1', method: 'PUT', path, headers }, resolve).on('error', reject).end(bytes);
  });
  return { status: response.statusCode ?? 0, body: await text(response) };
};
