import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files of a certificate that its owner has signed, and its key. */
export interface SelfSigned {
  readonly crt: string;
  readonly key: string;
}

/** Makes a certificate for host names, wildcards included, by openssl. @param name of the files, and of the subject */
export const selfSigned = async (folder: string, name: string, hosts: readonly string[]): Promise<SelfSigned> => {
  const crt = join(folder, `${name}.crt`);
  const key = join(folder, `${name}.key`);
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90'],
    ...['-subj', `/O=Shop/CN=${name}`, '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', crt],
  ]);
  return { crt, key };
};
