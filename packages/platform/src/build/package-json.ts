import { BuildFailed } from './build-failed.ts';
import { readSourceFile } from './source-file.ts';

export interface NodeNeeds {
  /** Range of engines.node; `*` when it isn't given. */
  readonly nodeRange: string;
  /** Range of engines.npm. */
  readonly npmRange: string | undefined;
  readonly manager: 'npm' | 'yarn' | 'pnpm';
  /** npm package and range of a manager that does not come with Node. */
  readonly managerPackage?: { readonly name: string; readonly range: string };
}

interface PackageJson {
  readonly engines?: Readonly<Record<string, unknown>>;
  readonly packageManager?: unknown;
}

const parsePackageJson = (text: string): PackageJson => {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    // Its fields stay unknown and are checked where they are read.
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as PackageJson;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildFailed('invalid_package_json', `package.json: expected JSON, got an error: ${reason}`, { cause });
  }
  throw new BuildFailed('invalid_package_json', 'package.json: expected an object at the top level.');
};

/** pnpm's lock file names its format; each format has a newest pnpm that writes it. */
const pnpmRangeOf = (lock: string): string => {
  const format = Number(/^lockfileVersion:\s*'?(\d+)/m.exec(lock)?.[1] ?? 9);
  if (format <= 5) return '7.x';
  return format <= 6 ? '8.x' : '10.x';
};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const yarnPackage = (range: string): { name: string; range: string } =>
  /^[\^~>=v]*\s*[2-9]/.test(range) ? { name: '@yarnpkg/cli-dist', range } : { name: 'yarn', range };

/** What a Node.js source asks for. @throws BuildFailed `invalid_package_json` */
export const readNodeNeeds = async (folder: string): Promise<NodeNeeds> => {
  const manifest = parsePackageJson((await readSourceFile(folder, 'package.json')) ?? '{}');
  const engines = manifest.engines ?? {};
  const [, declared, version] = /^(npm|yarn|pnpm)@([\w.-]+)/.exec(text(manifest.packageManager) ?? '') ?? [];
  const nodeRange = text(engines.node) ?? '*';
  const npmRange = text(engines.npm) ?? (declared === 'npm' ? version : undefined);
  const pnpmLock = await readSourceFile(folder, 'pnpm-lock.yaml');
  if (pnpmLock !== undefined || declared === 'pnpm') {
    const range = (declared === 'pnpm' ? version : text(engines.pnpm)) ?? pnpmRangeOf(pnpmLock ?? '');
    return { nodeRange, npmRange, manager: 'pnpm', managerPackage: { name: 'pnpm', range } };
  }
  const hasNpmLock = (await readSourceFile(folder, 'package-lock.json')) !== undefined;
  if ((await readSourceFile(folder, 'yarn.lock')) !== undefined || (declared === 'yarn' && !hasNpmLock)) {
    const range = (declared === 'yarn' ? version : text(engines.yarn)) ?? '1.x';
    return { nodeRange, npmRange, manager: 'yarn', managerPackage: yarnPackage(range) };
  }
  return { nodeRange, npmRange, manager: 'npm' };
};
