import { readFileSync } from 'node:fs';
import type { CommandLine } from '../settings/command-line.ts';
import { SettingError } from '../settings/read-settings.ts';
import { Log } from './log.ts';
import { MasterProcess } from './master-process.ts';
import { PidFile } from './pid-file.ts';
import { readCommand } from './read-command.ts';
import { obeySignals } from './signals.ts';
import { Sockets } from './sockets.ts';
import { takeHandover } from './successor.ts';
import { createNotifier, takeActivationSockets } from './systemd.ts';

const bindFailedStatus = 1;
const usageStatus = 2;

export const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
};

const pidFileOf = (path: string | undefined, isSuccessor: boolean): PidFile | undefined =>
  path === undefined ? undefined : new PidFile(isSuccessor ? `${path}.2` : path);

/** Runs the master until it is told to stop; resolves with the exit status. */
export const serve = async (line: CommandLine): Promise<number> => {
  const startFolder = process.cwd();
  const handover = takeHandover(process.env);
  const activated = takeActivationSockets(process.env);
  const say = (error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`prefork: ${text}\n`);
  };
  let pidFile: PidFile | undefined;
  try {
    const command = await readCommand(line, activated, startFolder);
    const { settings } = command;
    if (settings.umask !== undefined) process.umask(settings.umask);
    process.title = `prefork: master [${settings.procName ?? command.app}]`;
    const log = new Log(settings.errorlog, settings.loglevel);
    log.write('info', `prefork ${version()} on Node ${process.versions.node}, master ${process.pid}`);
    pidFile = pidFileOf(settings.pidfile, handover !== undefined);
    const sockets = new Sockets([...activated, ...(handover?.sockets ?? [])]);
    const notifier = createNotifier((text) => log.write('warning', text));
    const master = await MasterProcess.open({
      line,
      command,
      log,
      sockets,
      activated,
      handover,
      notifier,
      pidFile,
      startFolder,
    });
    obeySignals(master);
    const control =
      settings.controlSocket === undefined
        ? undefined
        : await (await import('./control-server.ts')).openControl(settings.controlSocket, master);
    await master.start();
    const status = await master.ended;
    await control?.close(!master.isOneOfTwo);
    return status;
  } catch (error) {
    pidFile?.remove();
    say(error);
    return error instanceof SettingError ? usageStatus : bindFailedStatus;
  }
};
