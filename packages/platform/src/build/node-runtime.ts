import { randomUUID } from 'node:crypto';
import { access, chmod, copyFile, cp, link, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { validRange } from 'semver';
import { BuildFailed } from './build-failed.ts';
import { findMachineNpm, isInRange, type NpmPackages } from './npm-package.ts';

/** A folder with bin/node, bin/npm and bin/npx, shared read-only by builds and dynos. */
export interface NodeRuntime {
  readonly folder: string;
  readonly version: string;
}

const ownVersion = process.versions.node;

/** The newest npm for a Node that is too old for this machine's; from npm's own `engines`. */
const npmRangeFor = (nodeVersion: string): string => {
  if (isInRange(nodeVersion, '^20.17.0 || >=22.9.0')) return '11.x';
  if (isInRange(nodeVersion, '^18.17.0 || >=20.5.0')) return '10.x';
  return isInRange(nodeVersion, '>=14.17.0') ? '8.x' : '6.x';
};

const readEnginesNode = async (npmFolder: string): Promise<string> => {
  // npm's own package.json, which always has engines.
  const manifest = JSON.parse(await readFile(join(npmFolder, 'package.json'), 'utf8')) as {
    engines?: { node?: string };
  };
  return manifest.engines?.node ?? '*';
};

const linkOrCopy = (from: string, to: string): Promise<void> => link(from, to).catch(() => copyFile(from, to));

const findNpmFor = async (version: string, packages: NpmPackages, signal: AbortSignal): Promise<string> => {
  const machineNpm = await findMachineNpm();
  if (machineNpm && isInRange(version, await readEnginesNode(machineNpm))) return machineNpm;
  return (await packages.ensure('npm', npmRangeFor(version), signal)).folder;
};

const assemble = async (folder: string, nodeFile: string, npmFolder: string): Promise<void> => {
  const draft = `${folder}.${randomUUID()}.tmp`;
  try {
    await mkdir(join(draft, 'bin'), { recursive: true, mode: 0o755 });
    await linkOrCopy(nodeFile, join(draft, 'bin', 'node'));
    await cp(npmFolder, join(draft, 'lib/node_modules/npm'), { recursive: true });
    for (const name of ['npm', 'npx']) {
      await chmod(join(draft, `lib/node_modules/npm/bin/${name}-cli.js`), 0o755);
      await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(draft, 'bin', name));
    }
    await rename(draft, folder).catch(async (error: unknown) => {
      // Another build was first.
      await access(folder).catch(() => Promise.reject(error));
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

/**
 * Provides the Node that a range of package.json's engines.node asks for: Ravine's own where it fits, else from the
 * package registry.
 * @throws BuildFailed `runtime_unavailable`
 */
export const ensureNodeRuntime = async (
  range: string,
  runtimesFolder: string,
  packages: NpmPackages,
  signal: AbortSignal,
): Promise<NodeRuntime> => {
  if (validRange(range) === null) {
    throw new BuildFailed(
      'runtime_unavailable',
      `package.json, engines.node: expected a range such as "22.x", got ${JSON.stringify(range)}.`,
    );
  }
  const own = isInRange(ownVersion, range);
  const source = `node-${process.platform}-${process.arch}`;
  const version = own ? ownVersion : await packages.resolve(source, range, signal);
  if (!version) {
    throw new BuildFailed(
      'runtime_unavailable',
      `package.json, engines.node: no published Node.js version satisfies "${range}". Change the range.`,
    );
  }
  const folder = join(runtimesFolder, `node-${version}`);
  const isThere = await access(join(folder, 'bin/node')).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await mkdir(runtimesFolder, { recursive: true, mode: 0o755 });
    const nodeFile = own ? process.execPath : join((await packages.ensure(source, version, signal)).folder, 'bin/node');
    await assemble(folder, nodeFile, await findNpmFor(version, packages, signal));
  }
  return { folder, version };
};
