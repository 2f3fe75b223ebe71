import { StorageProvider } from '../addons/providers/storage.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { AppId, DynoId } from '../domain/ids.ts';
import type { RoutedApp } from '../domain/route-snapshot.ts';
import type { Settings } from '../domain/settings.ts';

/** What the router knows of buckets: to it they are an app with one dyno, which no row of the store tells of. */
export interface MediaRoute {
  readonly app: RoutedApp;
  readonly hosts: readonly string[];
  /** PEM file. */
  readonly certificate: string;
}

/** In the place of an app's id, which is a UUID. */
export const mediaId = 'media' as AppId;

const mediaDomain = ({ appDomain }: Settings): string => `media.${appDomain}`;

/** All buckets by path, and one bucket each by name. */
export const mediaHosts = (settings: Settings): readonly [string, string] => [
  mediaDomain(settings),
  `*.${mediaDomain(settings)}`,
];

/** Where visitors reach buckets; undefined while there has been none. */
export const mediaRoute = (
  settings: Settings,
  certificate: string,
  port: number | undefined,
): MediaRoute | undefined =>
  port === undefined
    ? undefined
    : {
        app: {
          id: mediaId,
          name: 'media',
          state: 'up',
          maintenance: false,
          dynos: [{ id: `media-${port}` as DynoId, name: 'objects.1', host: '127.0.0.1', port }], // no dyno's, as above
        },
        hosts: mediaHosts(settings),
        certificate,
      };

/** The provider of buckets. */
export const objectStorage = (settings: Settings, data: DataFolder): StorageProvider =>
  new StorageProvider({
    folder: data.objects,
    ports: { from: settings.databasePorts.first, to: settings.databasePorts.last },
    mediaDomain: mediaDomain(settings),
    urlOf: (host) => `http://${host}${settings.routerPort === 80 ? '' : `:${settings.routerPort}`}`,
  });
