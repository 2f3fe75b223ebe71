import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EngineUnavailable } from './engine-error.ts';

/** Where an engine listens. */
export type EngineEndpoint =
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls?: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
    };

type Environment = Readonly<Record<string, string | undefined>>;

const plainPort = 2375;
const tlsPort = 2376;

/** How an endpoint is written in DOCKER_HOST. */
export const endpointName = (endpoint: EngineEndpoint): string =>
  endpoint.kind === 'socket' ? `unix://${endpoint.path}` : `tcp://${endpoint.host}:${endpoint.port}`;

const certificates = (env: Environment): { ca: Buffer; cert: Buffer; key: Buffer } => {
  const folder = env.DOCKER_CERT_PATH || join(homedir(), '.docker');
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => {
    try {
      return readFileSync(join(folder, name));
    } catch (cause) {
      throw new EngineUnavailable(
        `DOCKER_TLS_VERIFY is set, but ${join(folder, name)} can't be read; set DOCKER_CERT_PATH to the folder that holds ca.pem, cert.pem and key.pem.`,
        { cause },
      );
    }
  });
  // Three names went in, so three files came out.
  return { ca: ca as Buffer, cert: cert as Buffer, key: key as Buffer };
};

/** Reads a DOCKER_HOST value. @throws EngineUnavailable when it names no place that we can dial. */
export const parseEngineHost = (host: string, env: Environment): EngineEndpoint => {
  if (host.startsWith('unix://')) return { kind: 'socket', path: host.slice('unix://'.length) };
  const url = URL.parse(host);
  const dialled = url !== null && ['tcp:', 'http:', 'https:'].includes(url.protocol) && url.hostname !== '';
  if (!dialled) {
    throw new EngineUnavailable(
      `DOCKER_HOST is ${host}, expected unix:///path/to.sock or tcp://host:port; for an engine behind ssh, forward its socket first.`,
    );
  }
  const tls = url.protocol === 'https:' || Boolean(env.DOCKER_TLS_VERIFY);
  const port = Number(url.port) || (tls ? tlsPort : plainPort);
  return { kind: 'tcp', host: url.hostname, port, ...(tls ? { tls: certificates(env) } : {}) };
};

/** The places to ask, in order: DOCKER_HOST alone when it is set, else the sockets where Docker and Podman listen. */
export const engineEndpoints = (env: Environment): readonly EngineEndpoint[] => {
  if (env.DOCKER_HOST) return [parseEngineHost(env.DOCKER_HOST, env)];
  const run = env.XDG_RUNTIME_DIR || `/run/user/${process.getuid?.() ?? 0}`;
  const paths = [
    '/var/run/docker.sock',
    join(run, 'docker.sock'),
    join(homedir(), '.docker/run/docker.sock'),
    join(run, 'podman/podman.sock'),
    '/run/podman/podman.sock',
  ];
  return paths.filter((path) => existsSync(path)).map((path) => ({ kind: 'socket', path }));
};
