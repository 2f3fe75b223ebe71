import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateBinaries } from '../packages/platform/src/postgres/binaries.ts';
import { ClusterTemplate } from '../packages/platform/src/postgres/template.ts';

/** A folder with the template that all clusters of all tests are copied from, until it is disposed of. */
export class TestTemplates implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<TestTemplates> {
    const folder = await mkdtemp(join(tmpdir(), 'ravine-templates-'));
    // Clusters belong to users of their own, who must be able to pass through.
    await chmod(folder, 0o755);
    await new ClusterTemplate(await locateBinaries(folder), folder).folder();
    return new TestTemplates(folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
