/** For tests: a scheduler on the store at `URL`, with the keys of `FOLDER`, until it is killed; it says that it looks, and that it has started a run. */
import { openKeyring } from '../secrets/keyring.ts';
import { openDatabase } from '../store/database.ts';
import { Scheduler } from './scheduler.ts';

const [url = '', folder = ''] = process.argv.slice(2);
const onFault = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
new Scheduler({
  db: openDatabase(url, onFault),
  keyring: await openKeyring(folder),
  log: () => void process.stdout.write('started\n'),
  nudge: () => {},
  onFault,
});
process.stdout.write('looking\n');
