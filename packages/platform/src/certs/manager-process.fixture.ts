/** A process that sees to certificates and kills itself after so many changes of its rows, as a machine may at any moment. */
import { readFileSync } from 'node:fs';
import { CertificateManager } from './certificate-manager.ts';
import { FileRecords } from './testing/file-records.ts';

const [folder = '', directoryUrl = '', caFile = '', dnsServer = '', changes = ''] = process.argv.slice(2);
let left = Number(changes);
const records = new FileRecords(folder, () => {
  left--;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
});
const settings = { directoryUrl, email: undefined, ca: readFileSync(caFile, 'utf8'), dnsServer };
const manager = new CertificateManager(records, settings, (error) => console.error(error));
await records.until('one', ({ issued }) => issued !== undefined);
await manager.close();
