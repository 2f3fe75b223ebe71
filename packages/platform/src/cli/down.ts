import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopEverything } from '../control/stop-everything.ts';
import { readSettings } from '../domain/settings.ts';
import { type Command, parseFlags } from './command.ts';
import { isAlive, readPlatformState, resolveDataFolder, runningSupervisor } from './running-platform.ts';

const supervisorGraceMs = 20_000;

export const down: Command = {
  summary: 'Stops the platform with all its dynos, databases and the store.',
  help: () =>
    "\n  --data DIR  the platform's data folder\nWhat was running is started again by the next `ravine up`.\n",
  run: async (args) => {
    const given = readSettings(parseFlags(args).flags, process.env);
    const data = resolveDataFolder(given);
    // Its dynos run on the engine that it was started with, whatever this shell's environment names.
    const settings = { ...given, engine: (await readPlatformState(data))?.engine ?? given.engine };
    const pid = await runningSupervisor(data);
    if (pid !== undefined) {
      // First, so that nothing starts again what is stopped below.
      process.kill(pid, 'SIGTERM');
      const until = Date.now() + supervisorGraceMs;
      while (isAlive(pid)) {
        if (Date.now() > until)
          throw new Error(
            `the supervisor (pid ${pid}) did not stop within ${supervisorGraceMs / 1000} s; end it with \`kill -9 ${pid}\`, then run \`ravine down\` again`,
          );
        await sleep(25);
      }
    }
    const stopped = await stopEverything(settings, data);
    await rm(data.platformState, { force: true });
    process.stdout.write(
      `Stopped: ${pid === undefined ? 'no supervisor was running' : 'supervisor, control, router'}; dynos: ${stopped.dynos}; databases: ${stopped.databases}; store: ${stopped.store ? 'yes' : 'not ours'}\n`,
    );
    return 0;
  },
};
