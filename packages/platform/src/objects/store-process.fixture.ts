/** For tests: runs the store of a folder on any port, `FOLDER`, says the port, and lives until it is killed. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serveS3 } from './serve-s3.ts';
import { Accounts } from './store/accounts.ts';

const onFault = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
const accounts = await Accounts.open(process.argv[2] ?? '', onFault);
const server = serveS3({ accounts, mediaDomain: undefined, onFault }).listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`); // It listens by TCP.
