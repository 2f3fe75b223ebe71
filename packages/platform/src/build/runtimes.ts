import { join } from 'node:path';
import type { BuiltinBuildpack } from './buildpack-source.ts';
import { ensureNodeRuntime } from './node-runtime.ts';
import { NpmPackages } from './npm-package.ts';
import { readNodeNeeds } from './package-json.ts';

/**
 * Interpreters and package managers for the built-in buildpacks, under one folder that every app may read and none
 * may write. Slugs link into it, so a version stays as long as a slug may need it.
 */
export class Runtimes {
  readonly #folder: string;
  readonly #packages: NpmPackages;

  /** @param folder absolute; it and its parents must be searchable by the apps' users */
  constructor(folder: string) {
    this.#folder = folder;
    this.#packages = new NpmPackages(join(folder, 'packages'));
  }

  /** Provides what a source asks for and names it in variables for bin/compile. @throws BuildFailed */
  async provide(name: BuiltinBuildpack, sourceFolder: string, signal: AbortSignal): Promise<Record<string, string>> {
    if (name === 'static') {
      const { folder } = await ensureNodeRuntime('*', this.#folder, this.#packages, signal);
      return { RAVINE_NODE_FOLDER: folder };
    }
    return name === 'nodejs' ? this.#provideNode(sourceFolder, signal) : {};
  }

  async #provideNode(sourceFolder: string, signal: AbortSignal): Promise<Record<string, string>> {
    const needs = await readNodeNeeds(sourceFolder);
    const node = await ensureNodeRuntime(needs.nodeRange, this.#folder, this.#packages, signal);
    const npm = needs.npmRange ? await this.#packages.ensure('npm', needs.npmRange, signal) : undefined;
    const { managerPackage } = needs;
    const manager = managerPackage
      ? await this.#packages.ensure(managerPackage.name, managerPackage.range, signal)
      : undefined;
    return {
      RAVINE_NODE_FOLDER: node.folder,
      RAVINE_NODE_VERSION: node.version,
      RAVINE_PACKAGE_MANAGER: needs.manager,
      ...(npm && { RAVINE_NPM_FOLDER: npm.folder }),
      ...(manager && { RAVINE_MANAGER_FOLDER: manager.folder, RAVINE_MANAGER_VERSION: manager.version }),
    };
  }
}
