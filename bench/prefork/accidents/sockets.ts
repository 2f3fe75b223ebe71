/** What masters listen on. */
import { join } from 'node:path';
import { holdTcp } from '../../../packages/prefork/src/held-socket.ts';
import { freePort } from '../../free-port.ts';
import type { Start } from './contenders.ts';
import { ask, becomes, endAll, isAnswer, workersOf } from './running.ts';
import type { Outcome } from './trial.ts';

/** Four start at once. */
const startMs = 15_000;

const serves = (where: number | string): Promise<boolean> => becomes(async () => isAnswer(await ask(where)), startMs);

export const socketTrials: readonly {
  readonly what: string;
  check(start: Start, folder: string): Promise<Outcome>;
}[] = [
  {
    what: 'takes the sockets of a systemd `.socket` unit',
    async check(start, folder) {
      const held = holdTcp('127.0.0.1', 0);
      await using _master = await start({ folder, fd: held.fd, listen: await freePort() });
      const served = await serves(held.address?.port ?? 0);
      held.close();
      return served;
    },
  },
  {
    what: 'starts again on a unix socket that kill -9 left behind',
    async check(start, folder) {
      const listen = join(folder, `${Math.random()}.sock`);
      {
        await using first = await start({ folder, listen });
        if (first === undefined || !(await serves(listen))) throw new Error(`it does not serve:\n${first?.output()}`);
        const left = workersOf(first.pid);
        process.kill(first.pid, 'SIGKILL');
        endAll(left);
      }
      await using _second = await start({ folder, listen });
      return await serves(listen);
    },
  },
];
