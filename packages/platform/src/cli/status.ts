import { connect } from 'node:net';
import { describeEngine } from '../control/describe-engine.ts';
import { type Command, parseFlags } from './command.ts';
import { dataFolderOf, notRunning, readPlatformState, runningSupervisor } from './running-platform.ts';

/** Whether something accepts connections there within two seconds. */
const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, signal: AbortSignal.timeout(2000) });
    const answer = (yes: boolean) => () => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', answer(true)).once('error', answer(false));
  });

const reachable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);

export const status: Command = {
  summary: 'Says what runs and where.',
  help: () => "\n  --data DIR  the platform's data folder\nExit status 0 when all of it answers, 1 otherwise.\n",
  run: async (args) => {
    const data = dataFolderOf(parseFlags(args).flags);
    const pid = await runningSupervisor(data);
    const state = await readPlatformState(data);
    if (pid === undefined || state === undefined) throw notRunning(data);
    const api = `http://localhost:${state.apiPort}`;
    const health = await fetch(`${api}/health`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    const router = await accepts(reachable(state.routerHost), state.routerPort);
    const engine = await describeEngine(state);
    const rows = [
      ['supervisor', `running, pid ${pid}`],
      ['data folder', data.root],
      [
        'API and git',
        `${api} ${health?.ok === true ? 'answers' : health === undefined ? 'does not answer' : `answers ${health.status}`}`,
      ],
      ['apps', `http://NAME.${state.appDomain}:${state.routerPort} ${router ? 'answers' : 'does not answer'}`],
      [
        'store',
        health?.ok === true ? 'answers' : health?.status === 503 ? 'does not answer; it is being restarted' : 'unknown',
      ],
      ['containers', engine.text],
    ];
    process.stdout.write(rows.map(([name = '', text = '']) => `${name.padEnd(12)} ${text}\n`).join(''));
    return health?.ok === true && router && (engine.answers || state.driver !== 'docker') ? 0 : 1;
  },
};
