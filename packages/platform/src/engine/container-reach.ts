import type { Engine } from './engine.ts';
import { EngineUnavailable } from './engine-error.ts';
import { endpointName } from './locate-engine.ts';
import { hostGateway, isOwnAddress } from './networks.ts';

/** The part of the Engine API's "Get system information" that is used here. */
export interface EngineInfo {
  readonly OperatingSystem?: string;
  readonly SecurityOptions?: readonly string[] | null;
}

/** How this machine reaches what listens in containers, and they what listens on this machine. */
export type ContainerReach =
  /** At their own addresses; they reach us at `gateway`, where that is the same for all networks. */
  | { readonly kind: 'bridge'; readonly gateway?: string }
  /** At ports published on localhost, since their network is not this machine's; they reach our localhost, if anything. */
  | { readonly kind: 'loopback'; readonly rootless: boolean };

/**
 * What an engine says of itself decides, and then whether its bridge is an address of this machine (`gateway`).
 * @param ownBridges whether its networks are known to be this machine's without that.
 */
export const reachOf = (info: EngineInfo, gateway: string | undefined, ownBridges = false): ContainerReach => {
  const rootless = (info.SecurityOptions ?? []).some((option) => option.split(',').includes('name=rootless'));
  // Beside an engine of this machine, whose bridge may have the same address.
  const inVm = /Docker Desktop|Rancher Desktop|OrbStack/i.test(info.OperatingSystem ?? '');
  if (rootless || inVm || (gateway === undefined && !ownBridges)) return { kind: 'loopback', rootless };
  return gateway === undefined ? { kind: 'bridge' } : { kind: 'bridge', gateway };
};

/** @throws EngineUnavailable for an engine on another machine: nothing of what it runs could be reached from here. */
export const containerReach = async (engine: Engine): Promise<ContainerReach> => {
  const { endpoint } = engine;
  if (endpoint.kind === 'tcp' && !(await isOwnAddress(endpoint.host))) {
    throw new EngineUnavailable(
      `The engine at ${endpointName(endpoint)} is on another machine, where its containers can't be reached from here. Use one on this machine, or run Ravine there.`,
    );
  }
  const info = await engine.json<EngineInfo>('GET', '/info');
  // Podman makes a network's bridge with its first container, so that it can't be tried; on Linux it needs no machine.
  if (engine.version.isPodman) return reachOf(info, undefined, process.platform === 'linux');
  return reachOf(info, await hostGateway(engine));
};
