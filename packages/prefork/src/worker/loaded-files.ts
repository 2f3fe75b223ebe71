import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { tellMaster } from '../inherited.ts';

/** Tells the master each file that the app loads, so that it can watch them. */
export const reportLoadedFiles = (): void => {
  registerHooks({
    load: (url, context, next) => {
      if (url.startsWith('file:') && !url.includes('/node_modules/')) {
        tellMaster({ prefork: 'loaded', path: fileURLToPath(url) });
      }
      return next(url, context);
    },
  });
};
