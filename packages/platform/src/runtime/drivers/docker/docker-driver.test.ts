import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectEngine } from '../../../engine/connect-engine.ts';
import { stackImage, testEngineHost } from '../../../engine/testing/test-engine.ts';
import { driverCases } from '../case-suite.ts';
import { DockerDriver } from './docker-driver.ts';

const ownerScript = fileURLToPath(new URL('docker-driver-owner.ts', import.meta.url));

driverCases('the docker driver with slugs', async () => {
  const host = await testEngineHost();
  process.env.DOCKER_HOST = host;
  const engine = await connectEngine({ host });
  const root = await mkdtemp(join(tmpdir(), 'docker-driver-'));
  await chmod(root, 0o711);
  const platform = `test${randomBytes(4).toString('hex')}`;
  const folder = join(root, 'dynos');
  const sharedFolders = [dirname(process.execPath)];
  const open = () => DockerDriver.open({ engine, platform, folder, stackImage, sharedFolders, hangupGraceMs: 2000 });
  return {
    node: process.execPath,
    open,
    owner: (mode: string) => [process.execPath, ownerScript, platform, folder, mode] as const,
    close: async () => {
      await (await open())[Symbol.asyncDispose]();
      engine[Symbol.dispose]();
      await rm(root, { recursive: true, force: true });
    },
    artifact: async (files: Readonly<Record<string, string>>) => {
      const slug = join(root, 'slug');
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(slug, name)), { recursive: true });
        await writeFile(join(slug, name), content);
      }
      return { kind: 'slug', folder: slug } as const;
    },
  };
});
