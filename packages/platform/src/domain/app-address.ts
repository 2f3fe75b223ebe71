import type { Settings } from './settings.ts';

type Ports = Pick<Settings, 'appDomain' | 'routerPort' | 'routerTlsPort'>;

/** Where visitors find an app, as `https://shop.example.com`; the port is named unless it is the scheme's own. */
export const appAddress = ({ appDomain, routerPort, routerTlsPort }: Ports, appName: string): string => {
  const [scheme, port, usual] = routerTlsPort === undefined ? ['http', routerPort, 80] : ['https', routerTlsPort, 443];
  return `${scheme}://${appName}.${appDomain}${port === usual ? '' : `:${port}`}`;
};
