import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import type { Contender } from '../router/contender.ts';
import { Pinned, proxyCore } from '../router/pinned.ts';

/** Its last version, of 2021: fetched here when it is measured, for it is no dependency to have. */
const version = '3.7.1';
const cache = join(homedir(), '.cache', 'ravine-bench', `s3rver-${version}`);
const main = join(cache, 'node_modules', 's3rver', 'bin', 's3rver.js');

/** The keys that it knows, whatever it is told. */
export const s3rverKeys = { accessKeyId: 'S3RVER', secretKey: 'S3RVER' };

const fetchPackage = (): void => {
  if (existsSync(main)) return;
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package.json'), '{"private":true}');
  const { stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent', `s3rver@${version}`], {
    cwd: cache,
    encoding: 'utf8',
  });
  if (!existsSync(main)) throw new Error(`expected npm to fetch s3rver ${version}; it said:\n${stderr}`);
};

/** The npm package of that name, a store for tests: files and their metadata in a folder. */
export const startS3rver = async (folder: string, bucket: string): Promise<Contender> => {
  fetchPackage();
  const [httpPort, output] = [await freePort(), join(folder, 's3rver.log')];
  const where = ['-d', join(folder, 's3rver'), '-a', '127.0.0.1', '-p', String(httpPort)];
  const argv = [process.execPath, '--no-deprecation', main, '--silent', ...where, '--configure-bucket', bucket];
  const server = await Pinned.start(argv, { core: proxyCore, output, port: httpPort });
  return { name: 's3rver', server, httpPort, accessLog: output };
};
