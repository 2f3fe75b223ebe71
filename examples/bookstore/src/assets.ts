import { readFileSync } from 'node:fs';
import { type StaticFiles, staticFiles } from '@ravine/static';
import { securityHeaders } from './security.ts';

const home = new URL('../', import.meta.url);

/** The files of `public/`: as they are on the disk now, or in production as `npm run build` collected them. */
export function openAssets(production: boolean): StaticFiles {
  const settings = JSON.parse(readFileSync(new URL('static.config.json', home), 'utf8')) as {
    sources: string[];
    root: string;
    prefix: string;
  }; // Ours; staticFiles checks it.
  return staticFiles({
    ...settings,
    sources: settings.sources.map((folder) => new URL(folder, home).pathname),
    root: new URL(settings.root, home),
    development: !production,
    headers: (headers) => {
      for (const [name, value] of Object.entries(securityHeaders)) headers.set(name, value);
    },
  });
}

export const assets = openAssets(process.env.NODE_ENV === 'production');
