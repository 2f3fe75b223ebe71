import { checkMachine } from '../control/check-machine.ts';
import { readSettings } from '../domain/settings.ts';
import { type Command, parseFlags } from './command.ts';
import { resolveDataFolder, runningSupervisor } from './running-platform.ts';

export const doctor: Command = {
  summary: 'Says what is missing on this machine and how to get it.',
  help: () => '\nTakes the settings of `ravine up`. Exit status 1 when something needed is missing.\n',
  run: async (args) => {
    const settings = readSettings(parseFlags(args).flags, process.env);
    const data = resolveDataFolder(settings);
    const running = (await runningSupervisor(data)) !== undefined;
    const findings = await checkMachine(settings, data.root, running);
    for (const { level, text } of findings) process.stdout.write(`${level.padEnd(8)} ${text}\n`);
    return findings.some((finding) => finding.level === 'missing') ? 1 : 0;
  },
};
