import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import type { Platform } from './platform.ts';

export interface SecurePage {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Subject alternative names of the certificate that the router showed: `DNS:www.example.com`. */
  readonly names: string;
  readonly issuer: string;
}

/** Visits a host name over https, as a browser that found it at the router; whatever certificate it shows is taken. */
export const visitSecurely = (platform: Pick<Platform, 'routerPort'>, host: string, path = '/'): Promise<SecurePage> =>
  new Promise((resolve, reject) => {
    const at = {
      host: '127.0.0.1',
      port: platform.routerPort,
      servername: host.replace(/:\d+$/, ''),
      path,
      agent: false,
    };
    request({ ...at, headers: { host }, rejectUnauthorized: false }, (response) => {
      const certificate = response.socket instanceof TLSSocket ? response.socket.getPeerX509Certificate() : undefined;
      const names = certificate?.subjectAltName ?? '';
      const issuer = certificate?.issuer ?? '';
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve({ status, headers, body, names, issuer }), reject);
    })
      .on('error', reject)
      .end();
  });
