import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from './issue-certificate.ts';

/** The local certificate authority: what browsers, git and the CLI are told to trust on this machine. */
export interface Authority {
  /** The authority's own certificate, PEM, world-readable. */
  readonly caFile: string;
  /**
   * The file that holds a private key and the chain of a certificate for exactly these host names and IP addresses.
   * It is named after the first of them, made when absent, and renewed when it covers less, is not ours or has less
   * than 30 days left; call it daily.
   *
   * @throws TypeError when a name isn't a host name or an IP address.
   */
  certificateFor(hosts: readonly string[]): Promise<string>;
}

const dayMs = 24 * 60 * 60 * 1000;
const authorityDays = 3_650;
/** Clients refuse leaves that live longer than 398 days. */
const leafDays = 397;
const renewalDays = 30;

const hostName = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

const writeWhole = async (file: string, text: string, mode: number): Promise<void> => {
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w', mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
};

const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

interface Pair {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
}

const parsePair = (keyPem: string, certificatePem: string): Pair | undefined => {
  try {
    const key = createPrivateKey(keyPem);
    const certificate = new X509Certificate(certificatePem);
    return certificate.checkPrivateKey(key) ? { key, certificate } : undefined;
  } catch {
    return undefined;
  }
};

const commonNameOf = (certificate: X509Certificate): string => certificate.subject.replace(/^CN=/, '');

/** The key is written first: whoever finds only a key, after a crash, makes its certificate. */
const openPair = async (folder: string): Promise<Pair> => {
  const keyFile = join(folder, 'ca.key');
  const caFile = join(folder, 'ca.pem');
  const [keyPem, certificatePem] = await Promise.all([readIfThere(keyFile), readIfThere(caFile)]);
  const found = keyPem && certificatePem ? parsePair(keyPem, certificatePem) : undefined;
  if (found && found.certificate.validToDate.getTime() > Date.now() + renewalDays * dayMs) return found;
  const key = keyPem ? createPrivateKey(keyPem) : newKey();
  if (!keyPem) await writeWhole(keyFile, pemOf(key), 0o600);
  const name = `Ravine local authority on ${hostname()}`.slice(0, 64);
  const now = Date.now();
  const pem = issueCertificate({
    key,
    commonName: name,
    issuerName: name,
    issuerKey: key,
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + authorityDays * dayMs),
    hosts: undefined,
  });
  await writeWhole(caFile, pem, 0o644);
  return { key, certificate: new X509Certificate(pem) };
};

const covers = (leaf: X509Certificate, hosts: readonly string[]): boolean =>
  hosts.every((host) =>
    isIP(host) ? leaf.checkIP(host) !== undefined : leaf.subjectAltName?.split(', ').includes(`DNS:${host}`) === true,
  );

const stillGood = (pem: string | undefined, hosts: readonly string[], authority: X509Certificate): boolean => {
  if (!pem) return false;
  const leaf = parsePair(pem, pem)?.certificate;
  return (
    leaf !== undefined &&
    leaf.validToDate.getTime() > Date.now() + renewalDays * dayMs &&
    leaf.verify(authority.publicKey) &&
    covers(leaf, hosts)
  );
};

/** Opens the authority kept in `dataFolder/ca`, or makes it there. */
export const openAuthority = async (dataFolder: string): Promise<Authority> => {
  const caFolder = join(dataFolder, 'ca');
  const tlsFolder = join(dataFolder, 'tls');
  // `ca` may be read by others, who need ca.pem; its key is 0600.
  await mkdir(caFolder, { recursive: true, mode: 0o755 });
  await mkdir(tlsFolder, { recursive: true, mode: 0o700 });
  const { key, certificate } = await openPair(caFolder);
  const running = new Map<string, Promise<unknown>>();

  const issue = async (file: string, hosts: readonly string[]): Promise<string> => {
    if (stillGood(await readIfThere(file), hosts, certificate)) return file;
    const leafKey = newKey();
    const now = Date.now();
    const leaf = issueCertificate({
      key: leafKey,
      commonName: (hosts[0] ?? '').slice(0, 64),
      issuerName: commonNameOf(certificate),
      issuerKey: key,
      notBefore: new Date(now - dayMs),
      notAfter: new Date(now - dayMs + leafDays * dayMs),
      hosts,
    });
    await writeWhole(file, pemOf(leafKey) + leaf + certificate.toString(), 0o600);
    return file;
  };

  return {
    caFile: join(caFolder, 'ca.pem'),
    certificateFor(given) {
      const hosts = given.map((host) => host.toLowerCase());
      const wrong = hosts.length === 0 ? '(none)' : hosts.find((host) => !isIP(host) && !hostName.test(host));
      if (wrong !== undefined) {
        return Promise.reject(
          new TypeError(
            `expected host names or IP addresses, got ${wrong}; name at least one, without port and scheme`,
          ),
        );
      }
      const file = join(tlsFolder, `${hosts[0]?.replace('*', '_').replaceAll(':', '-')}.pem`);
      const next = (running.get(file) ?? Promise.resolve()).catch(() => undefined).then(() => issue(file, hosts));
      running.set(file, next);
      const done = (): void => {
        if (running.get(file) === next) running.delete(file);
      };
      next.then(done, done);
      return next;
    },
  };
};
