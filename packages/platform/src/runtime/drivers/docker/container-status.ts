import type { InspectedContainer } from '../../../engine/containers.ts';
import type { DynoStatus } from '../../driver.ts';
import type { DynoLabels } from './dyno-labels.ts';

const addressOf = (container: InspectedContainer, port: number | undefined): DynoStatus['address'] => {
  if (port === undefined) return undefined;
  const { Ports, Networks } = container.NetworkSettings;
  const published = Ports?.[`${port}/tcp`]?.[0];
  if (published !== undefined) return { host: '127.0.0.1', port: Number(published.HostPort), relayed: true };
  const [network] = Object.values(Networks ?? {});
  return network?.IPAddress ? { host: network.IPAddress, port } : undefined;
};

/** A dyno's status as its container tells it. */
export const statusOf = (container: InspectedContainer, { id, appId, name, port }: DynoLabels): DynoStatus => {
  const { Running, Pid, ExitCode, OOMKilled, StartedAt } = container.State;
  const address = addressOf(container, port);
  return {
    id,
    appId,
    name,
    state: Running
      ? { kind: 'running', pid: Pid, startedAtMs: Date.parse(StartedAt) }
      : { kind: 'exited', exitCode: ExitCode, outOfMemory: OOMKilled },
    ...(address === undefined ? {} : { address }),
  };
};
