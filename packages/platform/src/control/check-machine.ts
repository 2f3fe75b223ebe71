import { execFile } from 'node:child_process';
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { Settings } from '../domain/settings.ts';
import { describeEngine } from './describe-engine.ts';

/** One finding: `ok`, `note` (works with less), `missing` (Ravine can't do its main job). */
export interface Finding {
  readonly level: 'ok' | 'note' | 'missing';
  readonly text: string;
}

const program = async (command: string, args: readonly string[], absent: Finding): Promise<Finding> => {
  try {
    const { stdout } = await promisify(execFile)(command, [...args], { timeout: 10_000 });
    return { level: 'ok', text: (stdout.split('\n')[0] ?? command).trim() };
  } catch {
    return absent;
  }
};

const portFree = (host: string, port: number, flag: string): Promise<Finding> =>
  new Promise((resolve) => {
    if (port === 0) return resolve({ level: 'ok', text: `--${flag} 0: any free port` });
    const server = createServer();
    server.once('error', (error) =>
      resolve({
        level: 'missing',
        text: `port ${port} can't be bound (${error.message}); stop what holds it, or choose another with --${flag}`,
      }),
    );
    server.listen(port, host, () => server.close(() => resolve({ level: 'ok', text: `port ${port} is free` })));
  });

const space = async (folder: string): Promise<Finding> => {
  await mkdir(folder, { recursive: true, mode: 0o711 });
  await access(folder, constants.W_OK);
  const disk = await statfs(folder);
  const freeMb = Math.floor((disk.bavail * disk.bsize) / 1_000_000);
  const text = `${folder}: ${freeMb} MB free`;
  return freeMb < 2000
    ? { level: 'note', text: `${text}; builds and databases will soon fill it, 2000 MB or more are comfortable` }
    : { level: 'ok', text };
};

const engine = async (settings: Settings): Promise<Finding> => {
  const { answers, text, unlimited } = await describeEngine(settings);
  if (answers && unlimited !== undefined) {
    return {
      level: 'note',
      text: `${text}; builds of images have no limits of memory and CPU there, since ${unlimited}: see "The container engine" in docs/operations.md`,
    };
  }
  if (answers) return { level: 'ok', text };
  return settings.driver === 'docker'
    ? { level: 'missing', text: `${text} Dynos can't run without one, as --driver is docker` }
    : { level: 'note', text: `${text} Only apps of the container stack need one` };
};

/** What this machine has and lacks for Ravine; for `ravine doctor` and the machine's page. @param running whether a platform holds the ports */
export const checkMachine = async (settings: Settings, root: string, running: boolean): Promise<readonly Finding[]> => {
  const findings = await Promise.all([
    program('git', ['--version'], {
      level: 'missing',
      text: "git is not installed; install your system's package `git`: pushes need it",
    }),
    program('bash', ['--version'], {
      level: 'note',
      text: "bash is not installed; dynos use sh, and buildpacks written for bash fail: install your system's package `bash`",
    }),
    program('tar', ['--version'], {
      level: 'missing',
      text: "tar is not installed; install your system's package `tar`: builds need it",
    }),
    program('npm', ['--version'], {
      level: 'note',
      text: "npm is not on the PATH; Node.js apps can't be built: install Node.js with npm",
    }),
    program('python3', ['-c', 'import sys, venv, ensurepip; print("Python", sys.version.split()[0])'], {
      level: 'note',
      text: "python3 with venv is not installed; Python apps can't be built: install your system's packages `python3 python3-venv`",
    }),
    program('heroku', ['--version'], {
      level: 'note',
      text: 'the heroku CLI is not on the PATH; `npm install -g heroku` gets it',
    }),
    engine(settings),
    space(root).catch(
      (error: unknown): Finding => ({
        level: 'missing',
        text: `${root} can't be written (${error instanceof Error ? error.message : String(error)}); name another folder with --data`,
      }),
    ),
    ...(running
      ? []
      : [
          portFree(settings.apiHost, settings.apiPort, 'api-port'),
          portFree(settings.routerHost, settings.routerPort, 'router-port'),
          ...(settings.routerTlsPort === undefined
            ? []
            : [portFree(settings.routerHost, settings.routerTlsPort, 'router-tls-port')]),
        ]),
  ]);
  if (userInfo().uid !== 0) {
    findings.push({
      level: 'note',
      text: 'Ravine does not run as root: dynos and databases run as your own user, and dynos can read what you can read',
    });
  }
  return findings;
};
