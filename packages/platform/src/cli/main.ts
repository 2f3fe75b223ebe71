import { SettingError } from '../domain/settings.ts';
import { type Command, UsageError } from './command.ts';

/** Each command's file is loaded only when it runs: `ravine env` stays fast. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up.ts')).up,
  down: async () => (await import('./down.ts')).down,
  env: async () => (await import('./env.ts')).env,
  status: async () => (await import('./status.ts')).status,
  doctor: async () => (await import('./doctor.ts')).doctor,
  logs: async () => (await import('./logs.ts')).logs,
  'accounts:add': async () => (await import('./accounts-add.ts')).accountsAdd,
  scheduler: async () => (await import('./scheduler.ts')).scheduler,
  'accounts:reset': async () => (await import('./accounts-reset.ts')).accountsReset,
};

/** Runs one command line of `ravine`. @returns the exit status: 0, 1 after a failure, 2 after a misspelt command. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const [name = 'help', ...args] = argv;
  try {
    if (['help', '--help', '-h'].includes(name)) return await help(args[0]);
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (load === undefined) throw new UsageError(`there is no command "${name}"; \`ravine help\` lists them`);
    if (args.includes('--help') || args.includes('-h')) return await help(name);
    return await (await load()).run(args);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`ravine: ${message}\n`);
    return error instanceof UsageError || error instanceof SettingError ? 2 : 1;
  }
};

const help = async (name: string | undefined): Promise<number> => {
  const load = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name];
  if (load !== undefined) {
    const command = await load();
    process.stdout.write(`ravine ${name}: ${command.summary}\n${command.help?.() ?? ''}`);
    return 0;
  }
  const rows = await Promise.all(
    Object.entries(commands).map(async ([key, get]) => `  ravine ${key.padEnd(14)} ${(await get()).summary}\n`),
  );
  process.stdout.write(`Ravine: Heroku on machines you own.\n\n${rows.join('')}\n\`ravine help COMMAND\` says more.\n`);
  return 0;
};
