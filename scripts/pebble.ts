import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { findProgram } from './find-program.ts';
import { installDebian } from './install-debian.ts';

const run = promisify(execFile);

const programs = ['pebble', 'pebble-challtestsrv'];

const isInstalled = (): boolean => programs.every((program) => findProgram([program], ['/usr/bin']) !== undefined);

/**
 * Sees to Pebble, the ACME authority for tests: the machine's, else Debian's package, which root may install.
 * Exits with a line that says what to install where neither can be had.
 */
export const ensurePebble = (): void => {
  if (isInstalled()) return;
  installDebian(['pebble']);
  if (isInstalled()) return;
  process.stderr.write(
    'no Pebble was found, which tests of ACME need; install it, on Debian: apt-get install pebble\n',
  );
  process.exit(1);
};

/** An ACME authority on this machine, and the DNS that it asks: it knows no name until it is told of it. */
export interface Pebble extends AsyncDisposable {
  /** Starts the authority; its addresses and its DNS are there before. */
  start(options: PebbleOptions): Promise<void>;
  readonly directoryUrl: string;
  /** PEM file by which its directory is trusted. */
  readonly caFile: string;
  /** `127.0.0.1:PORT` */
  readonly dnsServer: string;
  /** The certificate that those it issues are verified by, PEM. */
  root(): Promise<string>;
  /** From now on a name has the address 127.0.0.1. */
  addName(host: string): Promise<void>;
  /** From now on nobody can tell what addresses a name has. */
  breakName(host: string): Promise<void>;
}

export interface PebbleOptions {
  /** Where it looks for answers to HTTP-01 and to TLS-ALPN-01. */
  readonly httpPort: number;
  readonly tlsPort: number;
}

const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = [];
  for (const server of servers) {
    if (!server.listening) await once(server, 'listening');
    const address = server.address();
    ports.push(typeof address === 'object' && address !== null ? address.port : 0);
  }
  for (const server of servers) server.close();
  return ports;
};

/** Starts a program and waits until it says something. @throws Error with its output when it ends before. */
const start = async (
  command: string,
  args: readonly string[],
  ready: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> => {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      output += chunk.toString();
      if (ready.test(output)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject).on('exit', () => reject(new Error(`${command} ended:\n${output}`)));
  });
  return child;
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

/** Makes ready a Pebble as strict as it can be, with all its randomness but without its pauses. */
export const startPebble = async (): Promise<Pebble> => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ravine-pebble-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const [acme = 0, management = 0, dns = 0, dnsManagement = 0] = await freePorts(4);
  const caFile = join(folder, 'ca.pem');
  const keyFile = join(folder, 'ca.key');
  const config = join(folder, 'config.json');
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', caFile],
  ]);
  const dnsServer = `127.0.0.1:${dns}`;
  const names = await start(
    'pebble-challtestsrv',
    [
      ...['-dns01', dnsServer, '-management', `127.0.0.1:${dnsManagement}`, '-defaultIPv4', '', '-defaultIPv6', ''],
      ...['-http01', '', '-https01', '', '-tlsalpn01', ''],
    ],
    /Starting management server/,
  );
  stack.defer(() => stop(names));
  const ca = await readFile(caFile, 'utf8');
  const tell = async (what: string, body: object): Promise<void> => {
    const url = `http://127.0.0.1:${dnsManagement}/${what}`;
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${what}: pebble-challtestsrv answered ${answer.status}`);
  };
  const owned = stack.move();
  return {
    directoryUrl: `https://127.0.0.1:${acme}/dir`,
    caFile,
    dnsServer,
    async start({ httpPort, tlsPort }) {
      const pebble = {
        listenAddress: `127.0.0.1:${acme}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate: caFile,
        privateKey: keyFile,
        httpPort,
        tlsPort,
      };
      await writeFile(config, JSON.stringify({ pebble }));
      const authority = await start(
        'pebble',
        ['-config', config, '-dnsserver', dnsServer, '-strict'],
        /ACME directory available/,
        { PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0' },
      );
      owned.defer(() => stop(authority));
    },
    root: () =>
      new Promise((resolve, reject) => {
        get(`https://127.0.0.1:${management}/roots/0`, { ca, agent: false }, (response) =>
          text(response).then(resolve, reject),
        ).on('error', reject);
      }),
    async addName(host) {
      await tell('clear-servfail', { host });
      await tell('add-a', { host, addresses: ['127.0.0.1'] });
    },
    breakName: (host) => tell('set-servfail', { host }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};
