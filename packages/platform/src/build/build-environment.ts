import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runMachineNpm } from './npm-package.ts';

/** Ravine's own variables that a build needs to reach the network as this machine does; none holds a secret by custom. */
const passedVariables = [
  'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy',
  'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE',
  'PIP_CERT', 'PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'PIP_FIND_LINKS', 'PIP_TRUSTED_HOST', 'PIP_DEFAULT_TIMEOUT',
]; // biome-ignore format: a list to scan

/** npm settings about how to reach the registry; credentials stay with Ravine. */
const passedNpmSettings = /^(registry|cafile|ca|proxy|https-proxy|noproxy|strict-ssl|@[\w.-]+:registry)$/;

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

let npmSettings: Promise<string> | undefined;

/** Lines of an .npmrc that make a build use the registry that Ravine itself uses; read once per process. */
const readNpmSettings = (): Promise<string> => {
  npmSettings ??= runMachineNpm(['config', 'list', '--json']).then(
    (text) =>
      // npm prints one flat object.
      Object.entries(JSON.parse(text) as Record<string, unknown>)
        .filter(([key, value]) => passedNpmSettings.test(key) && value !== null && value !== '')
        .flatMap(([key, value]) =>
          Array.isArray(value) ? value.map((each) => `${key}[]=${JSON.stringify(each)}`) : [`${key}=${String(value)}`],
        )
        .join('\n'),
    () => '',
  );
  return npmSettings;
};

export interface BuildFolders {
  readonly home: string;
  readonly tmp: string;
  readonly env: string;
  readonly buildpacks: string;
}

export interface BuildEnvironmentOptions {
  /** Empty and private; filled here. */
  readonly folder: string;
  readonly configVars: Readonly<Record<string, string>>;
  readonly stack: string;
  readonly sourceVersion: string;
  readonly requestId: string;
}

const isFileName = (name: string): boolean => /^[A-Za-z_][\w.-]*$/.test(name);

/** Makes the folders around a build and the clean environment of its scripts; config vars only as files. */
export const prepareBuildEnvironment = async (
  options: BuildEnvironmentOptions,
): Promise<{ folders: BuildFolders; env: Record<string, string> }> => {
  const at = (name: string): string => join(options.folder, name);
  const folders: BuildFolders = { home: at('home'), tmp: at('tmp'), env: at('env'), buildpacks: at('buildpacks') };
  for (const folder of [folders.home, folders.tmp, folders.env, folders.buildpacks])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, value] of Object.entries(options.configVars)) {
    if (isFileName(name)) await writeFile(join(folders.env, name), value, { mode: 0o600 });
  }
  await writeFile(join(folders.home, '.npmrc'), `${await readNpmSettings()}\n`, { mode: 0o600 });
  // The trees that git reads here belong to others by design.
  await writeFile(join(folders.home, '.gitconfig'), '[safe]\n\tdirectory = *\n', { mode: 0o600 });
  const passed = passedVariables.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value ? [[name, value]] : [];
  });
  return {
    folders,
    env: {
      ...Object.fromEntries(passed),
      PATH: systemPath,
      HOME: folders.home,
      TMPDIR: folders.tmp,
      LANG: 'C.UTF-8',
      STACK: options.stack,
      SOURCE_VERSION: options.sourceVersion,
      REQUEST_ID: options.requestId,
      GIT_TERMINAL_PROMPT: '0',
      GIT_ALLOW_PROTOCOL: 'https:http:file:git:ssh',
      CI: 'true',
    },
  };
};
