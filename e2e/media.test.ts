import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { systemPython } from '../scripts/python-modules.ts';
import { startPlatform } from './harness/platform.ts';
import { assertSaid } from './harness/said.ts';
import type { Shell } from './harness/shell.ts';
import { visitSecurely } from './harness/visit-securely.ts';
import { s3Clients } from './s3-clients/clients.ts';
import { takeSteps } from './s3-clients/steps.ts';

const platform = await startPlatform();
after(() => platform[Symbol.asyncDispose]());
const shell: Shell = await platform.loggedIn('ann');
const { heroku } = shell;
let config: Readonly<Record<string, string>> = {};

/** Runs a client with the app's config vars; it must end well. */
const run = async (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const done = await shell.run(command, args, { env: { ...config, ...env } });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
  return done.stdout;
};
const bucketUrl = (key: string): string => `s3://${config.BUCKETEER_BUCKET_NAME}/${key}`;

/** What a visitor's browser gets who found a host at the router. */
const visited = (
  host: string,
  path: string,
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> =>
  new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port: platform.routerPort, path, agent: false };
    request({ ...at, headers: { host: `${host}:${platform.routerPort}` } }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
        reject,
      );
    })
      .on('error', reject)
      .end();
  });

test('addons:create makes a bucket, and its config vars say where it is', async () => {
  assert.equal((await heroku('create', 'gallery')).status, 0);
  const names: [RegExp, string][] = [[/bucketeer-[a-z]+-\d+/g, 'bucketeer-NAME-N']];
  assertSaid(
    await heroku('addons:create', 'bucketeer:hobbyist', '-a', 'gallery'),
    {
      stdout: `Bucket has been created and is available; the keys are in the config vars.
Created bucketeer-NAME-N as BUCKETEER_BUCKET_NAME, BUCKETEER_AWS_ACCESS_KEY_ID, BUCKETEER_AWS_SECRET_ACCESS_KEY, BUCKETEER_AWS_REGION, BUCKETEER_PUBLIC_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_STORAGE_BUCKET_NAME, AWS_S3_ENDPOINT_URL, AWS_ENDPOINT_URL_S3
Run heroku addons:docs bucketeer to view documentation.`,
      stderr: 'Creating bucketeer:hobbyist on gallery... free',
    },
    names,
  );
  config = JSON.parse((await heroku('config', '--json', '-a', 'gallery')).stdout);
  assert.match(config.AWS_S3_ENDPOINT_URL ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
});

test('clients of S3 that people use all take the same steps', async (t) => {
  const bucket = {
    bucket: config.BUCKETEER_BUCKET_NAME ?? '',
    endpoint: config.AWS_S3_ENDPOINT_URL ?? '',
    accessKeyId: config.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: config.AWS_SECRET_ACCESS_KEY ?? '',
    run: (command: string, args: readonly string[], env = {}) =>
      shell.run(command, args, { env: { ...config, ...env } }),
  };
  for (const [number, open] of s3Clients.entries()) {
    const folder = join(shell.home, `client-${number}`);
    await mkdir(folder);
    await using client = await open(bucket, folder);
    await t.test(client.name, () => takeSteps(client, folder));
  }
});

test('s3cmd puts, lists, copies, moves, shares, syncs and deletes', async () => {
  const settings = join(shell.home, 's3cfg');
  const host = new URL(config.AWS_S3_ENDPOINT_URL ?? '').host;
  await writeFile(
    settings,
    `[default]\naccess_key = ${config.AWS_ACCESS_KEY_ID}\nsecret_key = ${config.AWS_SECRET_ACCESS_KEY}\nhost_base = ${host}\nhost_bucket = ${host}\nuse_https = False\n`,
  );
  const s3cmd = (...args: string[]) => run('s3cmd', ['-c', settings, '--no-progress', ...args]);
  const film = randomBytes(11 * 1024 * 1024);
  await writeFile(join(shell.folder, 'film'), film);
  await writeFile(join(shell.folder, 'cover.svg'), '<svg/>');
  await s3cmd('put', '--acl-public', '--mime-type=image/svg+xml', 'cover.svg', bucketUrl('covers/cover.svg'));
  await s3cmd('put', '--multipart-chunk-size-mb=5', 'film', bucketUrl('films/film'));
  await s3cmd('get', '--force', bucketUrl('films/film'), 'back');
  assert.ok((await readFile(join(shell.folder, 'back'))).equals(film));
  await s3cmd('cp', bucketUrl('films/film'), bucketUrl('films/copy'));
  await s3cmd('mv', bucketUrl('films/copy'), bucketUrl('films/moved'));
  await s3cmd('setacl', '--acl-public', bucketUrl('films/moved'));
  assert.match(await s3cmd('info', bucketUrl('films/moved')), /File size: 11534336[\s\S]*\*anon\*: READ/);
  await s3cmd('info', bucketUrl(''));
  await mkdir(join(shell.folder, 'site', 'below'), { recursive: true });
  await writeFile(join(shell.folder, 'site', 'a b'), '1');
  await writeFile(join(shell.folder, 'site', 'below', 'ü'), '2');
  await s3cmd('sync', 'site/', bucketUrl('site/'));
  assert.deepEqual(
    [...(await s3cmd('ls', '-r', bucketUrl('site/'))).matchAll(/s3:.*\/site\/(.*)/g)].map(([, key]) => key),
    ['a b', 'below/ü'],
  );
  await s3cmd('del', '-r', '-f', bucketUrl('site/'));
  assert.equal(await s3cmd('ls', bucketUrl('site/')), '');
});

test('rclone copies a folder, finds nothing to do the second time, and reads back', async () => {
  const remote = {
    RCLONE_CONFIG_BOX_TYPE: 's3',
    RCLONE_CONFIG_BOX_PROVIDER: 'Other',
    RCLONE_CONFIG_BOX_ENV_AUTH: 'true',
    RCLONE_CONFIG_BOX_ENDPOINT: config.AWS_S3_ENDPOINT_URL ?? '',
  };
  const rclone = (...args: string[]) => run('rclone', ['--s3-chunk-size=5M', '--s3-upload-cutoff=5M', ...args], remote);
  const there = `box:${config.BUCKETEER_BUCKET_NAME}/rclone`;
  await rclone('sync', shell.folder, there);
  await rclone('check', '--download', shell.folder, there);
  await rclone('copyto', `${there}/film`, `${there}/twice`);
  assert.equal(await rclone('cat', `${there}/cover.svg`), '<svg/>');
  await rclone('purge', there);
  assert.equal(await rclone('lsf', `box:${config.BUCKETEER_BUCKET_NAME}`), 'covers/\nfilms/\n');
});

test("AWS's own CLI syncs folders and signs links", async () => {
  const aws = (...args: string[]) => run('aws', ['--endpoint-url', config.AWS_S3_ENDPOINT_URL ?? '', 's3', ...args]);
  await aws('sync', '--no-progress', 'site', bucketUrl('aws/site'));
  assert.equal(await aws('sync', '--no-progress', 'site', bucketUrl('aws/site')), '', 'the second time all is there');
  const link = await aws('presign', bucketUrl('aws/site/a b'));
  assert.equal(await (await fetch(link.trim())).text(), '1');
  await aws('rm', '--recursive', '--quiet', bucketUrl('aws/'));
});

test('boto3 does what an app does with it: links, forms, uploads in parts, listings', async () => {
  assert.equal(await run(systemPython, [join(import.meta.dirname, 's3-clients', 'boto.py')]), 'boto3: ok\n');
});

test('a visitor loads what is public by http and by https, may keep it for a while, and loads nothing else', async () => {
  const bucket = config.BUCKETEER_BUCKET_NAME ?? '';
  assert.equal(config.BUCKETEER_PUBLIC_URL, `http://${bucket}.media.localhost:${platform.routerPort}`);
  const cover = await visited(`${bucket}.media.localhost`, '/covers/cover.svg');
  assert.deepEqual(
    [cover.status, cover.body, cover.headers['content-type'], cover.headers['cache-control']],
    [200, '<svg/>', 'image/svg+xml', 'public, max-age=60'],
  );
  assert.equal((await visited('media.localhost', `/${bucket}/covers/cover.svg`)).body, '<svg/>');
  assert.equal((await visited(`${bucket}.media.localhost`, '/films/film')).status, 403);
  assert.equal((await visited(`${bucket}.media.localhost`, '/')).status, 403);
  const secure = await visitSecurely(platform, `${bucket}.media.localhost`);
  assert.deepEqual([secure.status, secure.names], [403, 'DNS:media.localhost, DNS:*.media.localhost']);
});

test('destroying the add-on ends its keys and shows visitors nothing any more', async () => {
  assert.equal((await heroku('addons:destroy', 'BUCKETEER', '-a', 'gallery', '--confirm', 'gallery')).status, 0);
  const gone = async (): Promise<number> =>
    (await visited(`${config.BUCKETEER_BUCKET_NAME}.media.localhost`, '/covers/cover.svg')).status;
  while ((await gone()) === 200);
  assert.equal(await gone(), 404);
  assert.deepEqual(JSON.parse((await heroku('config', '--json', '-a', 'gallery')).stdout), {});
});
