import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { driverCases } from '../case-suite.ts';
import { type Limits, noLimits } from './limits.ts';
import { ProcessDriver } from './process-driver.ts';

const ownerScript = fileURLToPath(new URL('process-driver-owner.ts', import.meta.url));

const ground = (limits?: Limits) => async () => {
  const root = await mkdtemp(join(tmpdir(), 'process-driver-'));
  await chmod(root, 0o711);
  const folder = join(root, 'dynos');
  return {
    node: process.execPath,
    open: () => ProcessDriver.open({ folder, hangupGraceMs: 500, ...(limits === undefined ? {} : { limits }) }),
    owner: (mode: string) => [process.execPath, ownerScript, folder, mode, limits?.kind ?? 'found'] as const,
    close: () => rm(root, { recursive: true, force: true }),
    artifact: async (files: Readonly<Record<string, string>>) => {
      const slug = join(root, 'slug');
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(slug, name)), { recursive: true });
        await writeFile(join(slug, name), content);
      }
      return { kind: 'slug', folder: slug } as const;
    },
  };
};

driverCases('the process driver with the limits that this system grants', ground());
driverCases('the process driver without control groups', ground(noLimits));
