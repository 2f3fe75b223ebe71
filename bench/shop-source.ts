import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const bookstore = join(import.meta.dirname, '..', 'examples', 'django-bookstore');
const changedFile = 'templates/pages/about.html';
/** Rarely enough that the looking itself costs nobody much. */
const lookEveryMs = 50;

/** Where the static files are collected: by a RUN of the Dockerfile, or from the finished image. */
export type Collecting = 'in-build' | 'after-build';

export const collect = 'python manage.py collectstatic --noinput';

/** The shop's settings wherever it runs; its about page asks no database. */
export const shopSettings = {
  DJANGO_SECRET_KEY: 'for-this-benchmark-only',
  DJANGO_ALLOWED_HOSTS: '*',
  DJANGO_SECURE_SSL_REDIRECT: 'off',
  DATABASE_URL: 'sqlite:////tmp/shop.sqlite3',
  WEB_CONCURRENCY: '2',
};

const git = async (folder: string, ...args: string[]): Promise<void> => {
  await run('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@localhost', ...args], { cwd: folder });
};

/** Copies the Django bookstore, without the database that its first push would make. */
export const makeShop = async (folder: string, collecting: Collecting): Promise<void> => {
  await cp(bookstore, folder, { recursive: true, filter: (path) => basename(path) !== '__pycache__' });
  const release = collecting === 'in-build' ? '' : `release:\n  image: web\n  command:\n    - ${collect}\n`;
  await writeFile(join(folder, 'heroku.yml'), `build:\n  docker:\n    web: Dockerfile\n${release}`);
  if (collecting === 'in-build') {
    const dockerfile = join(folder, 'Dockerfile');
    const collects = `RUN DJANGO_SECRET_KEY=- DATABASE_URL=sqlite:// ${collect}\nCMD`;
    await writeFile(dockerfile, (await readFile(dockerfile, 'utf8')).replace(/^CMD/m, collects));
  }
  await git(folder, 'init', '--quiet', '--initial-branch=main');
};

/** Puts a mark on a page and commits. */
export const changeShop = async (folder: string, mark: string): Promise<void> => {
  const page = await readFile(join(bookstore, changedFile), 'utf8');
  await writeFile(join(folder, changedFile), page.replace('<h1>About</h1>', `<h1>${mark}</h1>`));
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message', mark);
};

/** Looks at the page until it is there with its mark. */
export const shows = async (at: { host: string; port: number; name: string }, mark: string): Promise<void> => {
  const look = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { host: at.host, port: at.port, path: '/about/', headers: { host: at.name }, agent: false };
      get(options, (response) => void text(response).then(resolve, reject)).on('error', reject);
    });
  while (!(await look().catch(() => '')).includes(`<h1>${mark}</h1>`)) await sleep(lookEveryMs);
};
