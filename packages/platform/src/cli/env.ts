import type { PlatformState } from '../domain/data-folder.ts';
import { type Command, parseFlags } from './command.ts';
import { dataFolderOf, notRunning, readPlatformState } from './running-platform.ts';

/** Quotes a text for POSIX shells. */
const quote = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/**
 * The environment in which the unmodified heroku CLI and git use this platform.
 * Git's trust comes by GIT_CONFIG_*, added behind what the caller already has there, so that no file is touched.
 */
export const clientEnvironment = (
  state: PlatformState,
  caller: Readonly<Record<string, string | undefined>>,
): { set: Record<string, string>; unset: string[] } => {
  const api = `http://localhost:${state.apiPort}`;
  const gitConfig: [string, string][] = [[`http.https://localhost:${state.apiPort}/.sslCAInfo`, state.authorityFile]];
  const unset: string[] = [];
  const otherCa = caller.GIT_SSL_CAINFO;
  if (otherCa !== undefined && otherCa !== '') {
    // GIT_SSL_CAINFO would win over the setting for our address: keep it as the setting for all others.
    gitConfig.unshift(['http.sslCAInfo', otherCa]);
    unset.push('GIT_SSL_CAINFO');
  }
  const git: Record<string, string> = {};
  const taken = Number(caller.GIT_CONFIG_COUNT ?? 0) || 0;
  const known = new Map<string, number>();
  for (let i = 0; i < taken; i++) known.set(caller[`GIT_CONFIG_KEY_${i}`] ?? '', i);
  let count = taken;
  for (const [key, value] of gitConfig) {
    const slot = known.get(key) ?? count++;
    git[`GIT_CONFIG_KEY_${slot}`] = key;
    git[`GIT_CONFIG_VALUE_${slot}`] = value;
  }
  git.GIT_CONFIG_COUNT = String(count);
  return {
    set: {
      HEROKU_HOST: api,
      HEROKU_LOGIN_HOST: api,
      HEROKU_PARTICLEBOARD_URL: api,
      HEROKU_BUILDPACK_REGISTRY_URL: api,
      HEROKU_DATA_HOST: 'localhost',
      HEROKU_NETRC_WRITE: 'true',
      HEROKU_SKIP_NEW_VERSION_CHECK: '1',
      HEROKU_DISABLE_AUTOUPDATE: '1',
      DISABLE_TELEMETRY: 'true',
      NODE_EXTRA_CA_CERTS: state.authorityFile,
      ...git,
    },
    unset,
  };
};

export const env: Command = {
  summary: 'Prints the exports that point the heroku CLI and git at this platform.',
  help: () => '\nUse it as: eval "$(ravine env)"\n  --data DIR  the platform\'s data folder\n',
  run: async (args) => {
    const data = dataFolderOf(parseFlags(args).flags);
    const state = await readPlatformState(data);
    if (state === undefined) throw notRunning(data);
    const { set, unset } = clientEnvironment(state, process.env);
    const lines = [
      ...unset.map((name) => `unset ${name}`),
      ...Object.entries(set).map(([name, value]) => `export ${name}=${quote(value)}`),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  },
};
