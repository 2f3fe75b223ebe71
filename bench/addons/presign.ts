import { createHash, createHmac } from 'node:crypto';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretKey: string;
}

const expiresSeconds = 3600;
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** A path with the query that lets whoever has it do this for an hour. @see Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters" */
export const presign = (method: string, host: string, path: string, { accessKeyId, secretKey }: Keys): string => {
  const date = `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const scope = [date.slice(0, 8), 'us-east-1', 's3', 'aws4_request'];
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': [accessKeyId, ...scope].join('/'),
    'X-Amz-Date': date,
    'X-Amz-Expires': String(expiresSeconds),
    'X-Amz-SignedHeaders': 'host',
  }).toString();
  const canonical = [method, path, query, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const key = scope.reduce<string | Buffer>((above, part) => hmac(above, part), `AWS4${secretKey}`);
  const signature = hmac(Buffer.from(key), ['AWS4-HMAC-SHA256', date, scope.join('/'), digest].join('\n'));
  return `${path}?${query}&X-Amz-Signature=${signature.toString('hex')}`;
};
