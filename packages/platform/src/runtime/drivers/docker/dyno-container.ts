import { createHash } from 'node:crypto';
import type { ContainerSpec, HostConfig } from '../../../engine/containers.ts';
import type { DynoSpec, Terminal } from '../../driver.ts';
import { labelsOf, networkName } from './dyno-labels.ts';
import { dockerHostName, type HostPorts, seenFromContainer } from './host-addresses.ts';

/** How a dyno's container is meant. */
export interface DynoContainer {
  readonly platform: string;
  readonly spec: DynoSpec;
  /** The image that it is made from: the artifact's, or the stack's for slugs. */
  readonly image: string;
  /** The dyno's own copy of its slug on this machine, when it has one. */
  readonly slugCopy?: string;
  /** Folders of this machine that slugs need at the same place, read-only. */
  readonly sharedFolders: readonly string[];
  readonly hostPorts: readonly HostPorts[];
  /** How it calls this machine. */
  readonly hostName: string;
  /** Whether its port is published on this machine's localhost. */
  readonly published: boolean;
  /** Whether root in a container is whoever runs the engine, and every other user nobody that this machine knows. */
  readonly rootless: boolean;
  /** Says which process an attached dyno belongs to. */
  readonly owner?: string;
  readonly terminal?: Terminal | undefined;
  /** Whether env comes by stdin, so that the container's configuration, which a kept image takes over, holds none of it. */
  readonly envByStdin?: boolean;
}

const firstPort = 20_000;
const portCount = 10_000;
const slugHome = '/app';

/** Differs between dynos though each has an address of its own, so that an app that ignores PORT is found out. */
export const dynoPort = (id: string): number =>
  firstPort + (createHash('sha256').update(id).digest().readUInt32BE(0) % portCount);

/** What a dyno of this spec finds in its environment. */
export const dynoEnvironment = ({
  spec,
  hostPorts,
  hostName,
  terminal,
}: DynoContainer): Readonly<Record<string, string>> => {
  const seen = Object.entries(spec.env).map(
    ([name, value]) => [name, seenFromContainer(value, hostPorts, hostName)] as const,
  );
  const slug = spec.artifact.kind === 'slug';
  return {
    ...(slug ? { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' } : {}),
    ...Object.fromEntries(seen),
    ...(slug ? { HOME: slugHome, PWD: slugHome, SHELL: '/bin/bash', TMPDIR: '/tmp' } : {}),
    ...(spec.port ? { PORT: String(dynoPort(spec.id)) } : {}),
    ...(terminal === undefined ? {} : { TERM: terminal.term }),
  };
};

const sourceProfiles =
  'for __ravine_file in .profile.d/*.sh; do if [ -f "$__ravine_file" ]; then . "./$__ravine_file"; fi; done; ' +
  'if [ -f .profile ]; then . ./.profile; fi';

/** The shell line that comes before the command, which it gets as $0. */
const prelude = ({ spec, terminal, envByStdin }: DynoContainer): string =>
  [
    ...(envByStdin === true ? ['eval "$(cat)"', 'exec </dev/null'] : []),
    // The size is there before the command asks for it, which resizing a container that has started can't promise.
    ...(terminal === undefined
      ? ['exec 2>&1']
      : [`stty rows ${terminal.rows} columns ${terminal.columns} 2>/dev/null || true`]),
    ...(spec.artifact.kind === 'slug' ? [sourceProfiles] : []),
  ].join('; ');

const commandLine = (container: DynoContainer): Pick<ContainerSpec, 'Cmd' | 'Entrypoint'> => {
  const { artifact, command } = container.spec;
  const slug = artifact.kind === 'slug';
  if (!slug && command === '') return {};
  if (slug)
    return { Cmd: ['/bin/bash', '-c', `${prelude(container)}; exec /bin/bash -c "$0"`, command], Entrypoint: [] };
  // Some of the shells that images have wait beside the command; one that died of SIGTERM would end the dyno before
  // the command is done with its own.
  return { Cmd: ['/bin/sh', '-c', `${prelude(container)}; trap 'exit $?' TERM; eval "$0"`, command] };
};

/** On localhost alone, at a port that the engine chooses. */
const publication = ({ spec, published }: DynoContainer): Pick<HostConfig, 'PortBindings'> =>
  spec.port && published
    ? { PortBindings: { [`${dynoPort(spec.id)}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: '' }] } }
    : {};

const hostConfig = (container: DynoContainer): HostConfig => {
  const { platform, spec, slugCopy, sharedFolders, owner, hostName } = container;
  const Memory = 2 * spec.memoryBytes;
  return {
    ...publication(container),
    NetworkMode: networkName(platform, spec.appId),
    // Podman says its own name for it by itself, and not all of its versions know `host-gateway`.
    ...(hostName === dockerHostName ? { ExtraHosts: [`${hostName}:host-gateway`] } : {}),
    Binds:
      slugCopy === undefined ? [] : [`${slugCopy}:${slugHome}`, ...sharedFolders.map((path) => `${path}:${path}:ro`)],
    Tmpfs: { '/tmp': `rw,nosuid,nodev,exec,mode=1777,size=${spec.memoryBytes}` },
    Init: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    Memory,
    MemorySwap: Memory,
    PidsLimit: spec.maxProcesses,
    CpuShares: spec.cpuShares,
    // Not the driver "local": it loses the end of a line that is longer than 16 KB.
    LogConfig:
      owner === undefined
        ? { Type: 'json-file', Config: { 'max-size': '20m', 'max-file': '5' } }
        : { Type: 'none', Config: {} },
  };
};

/** The engine's terms for a dyno. */
export const containerSpec = (container: DynoContainer): ContainerSpec => {
  const { platform, spec, image, owner, terminal, envByStdin, published, rootless } = container;
  const { id, appId, name } = spec;
  const port = spec.port ? dynoPort(id) : undefined;
  const attached = owner !== undefined;
  const env = Object.entries(dynoEnvironment(container)).map(([key, value]) => `${key}=${value}`);
  const own = process.getuid?.() ?? 0;
  const uid = own === 0 ? spec.uid : rootless ? 0 : own;
  return {
    Image: image,
    ...commandLine(container),
    Env: envByStdin === true ? [] : env,
    ...(spec.artifact.kind === 'slug' ? { User: `${uid}:${uid}`, WorkingDir: slugHome } : {}),
    Labels: labelsOf(platform, { id, appId, name, port, owner }),
    ...(port !== undefined && published ? { ExposedPorts: { [`${port}/tcp`]: {} } } : {}),
    Healthcheck: { Test: ['NONE'] },
    Tty: terminal !== undefined,
    OpenStdin: attached,
    StdinOnce: attached,
    AttachStdin: attached,
    AttachStdout: attached,
    AttachStderr: attached,
    HostConfig: hostConfig(container),
  };
};
