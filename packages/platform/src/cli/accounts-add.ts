import { addAccount } from '../control/add-account.ts';
import { readSettings } from '../domain/settings.ts';
import { type Command, parseFlags, UsageError } from './command.ts';
import { notRunning, resolveDataFolder, runningSupervisor } from './running-platform.ts';

export const accountsAdd: Command = {
  summary: 'Makes an account for one more person.',
  help: () =>
    "\n  ravine accounts:add you@example.com\n  --data DIR  the platform's data folder\nPrints a password for the first login. The account sees its own apps and those it is made a collaborator of.\n",
  run: async (args) => {
    const { flags, words } = parseFlags(args);
    const [email] = words;
    if (email === undefined || words.length > 1)
      throw new UsageError('accounts:add takes one e-mail address: ravine accounts:add you@example.com');
    const settings = readSettings(flags, process.env);
    const data = resolveDataFolder(settings);
    if ((await runningSupervisor(data)) === undefined) throw notRunning(data);
    const password = await addAccount(settings, data, email);
    process.stdout.write(`account   ${email}\npassword  ${password}\n`);
    return 0;
  },
};
