import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Platform } from './platform.ts';

export interface Page {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Visits an app's page as a browser does that reached the router by the app's host name. */
export const visit = (platform: Pick<Platform, 'routerPort'>, appName: string, path: string): Promise<Page> =>
  new Promise((resolve, reject) => {
    const host = `${appName}.localhost:${platform.routerPort}`;
    request({ host: '127.0.0.1', port: platform.routerPort, path, headers: { host }, agent: false }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
        reject,
      );
    })
      .on('error', reject)
      .end();
  });
