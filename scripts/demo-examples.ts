import { randomBytes } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { copyBookstore } from './copy-bookstore.ts';

/** What a demo deploys, and how its first page is known. */
export interface Example {
  /** Makes the folder and puts the source there. */
  copyTo(folder: string): Promise<void>;
  readonly stack: 'heroku-24' | 'container';
  readonly configVars: Readonly<Record<string, string>>;
  /** Run in one-off dynos once it is pushed. */
  readonly commands: readonly string[];
  /** Whether its pages want https. */
  readonly secure: boolean;
  /** Stands on its first page. */
  readonly title: string;
}

const bookstore: Example = {
  copyTo: copyBookstore,
  stack: 'heroku-24',
  configVars: {},
  commands: [],
  secure: false,
  title: 'Lantern Bookstore',
};

const djangoBookstore: Example = {
  copyTo: (folder) =>
    cp(join(import.meta.dirname, '..', 'examples', 'django-bookstore'), folder, {
      recursive: true,
      filter: (path) => basename(path) !== '__pycache__',
    }),
  stack: 'container',
  configVars: { DJANGO_SECRET_KEY: randomBytes(32).toString('hex'), DJANGO_ALLOWED_HOSTS: '.localhost' },
  commands: ['python manage.py migrate'],
  secure: true,
  title: 'Marginalia',
};

/** The example that `--stack NAME` asks for. Exits with a line that says what can be asked for, where there is none. */
export const chooseExample = (args: readonly string[]): Example => {
  const at = args.indexOf('--stack');
  const stack = at === -1 ? bookstore.stack : args[at + 1];
  const found = [bookstore, djangoBookstore].find((example) => example.stack === stack);
  if (found !== undefined) return found;
  process.stderr.write(`demo: expected --stack heroku-24 or --stack container, got ${stack ?? 'nothing'}\n`);
  process.exit(1);
};
