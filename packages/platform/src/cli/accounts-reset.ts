import { resetAccount } from '../control/add-account.ts';
import { readSettings } from '../domain/settings.ts';
import { type Command, parseFlags, UsageError } from './command.ts';
import { notRunning, resolveDataFolder, runningSupervisor } from './running-platform.ts';

export const accountsReset: Command = {
  summary: 'Lets somebody in again who has lost password or authenticator.',
  help: () =>
    "\n  ravine accounts:reset you@example.com\n  --data DIR  the platform's data folder\nPrints another password, switches two-factor sign-in off, and ends every session and token of the account.\n",
  run: async (args) => {
    const { flags, words } = parseFlags(args);
    const [email] = words;
    if (email === undefined || words.length > 1)
      throw new UsageError('accounts:reset takes one e-mail address: ravine accounts:reset you@example.com');
    const settings = readSettings(flags, process.env);
    const data = resolveDataFolder(settings);
    if ((await runningSupervisor(data)) === undefined) throw notRunning(data);
    const password = await resetAccount(settings, data, email);
    process.stdout.write(`account   ${email}\npassword  ${password}\n`);
    return 0;
  },
};
