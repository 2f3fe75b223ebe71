import { createServer } from 'node:net';
import type { Engine } from './engine.ts';
import { EngineError, isConflict, isMissing, unlessMissing } from './engine-error.ts';

type Labels = Readonly<Record<string, string>>;

interface Network {
  readonly Id: string;
  readonly Name: string;
  readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string; readonly Gateway?: string }[] | null };
  readonly Containers?: Readonly<Record<string, unknown>> | null;
}

/** Makes a bridge network unless it is there. */
export const ensureNetwork = async (engine: Engine, name: string, labels: Labels): Promise<void> => {
  if ((await unlessMissing(engine.json('GET', `/networks/${name}`))) !== undefined) return;
  try {
    await engine.json('POST', '/networks/create', {
      body: { Name: name, Driver: 'bridge', CheckDuplicate: true, Labels: labels },
    });
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
};

/** Removes it; no-op when it isn't there or is in use. */
export const removeNetwork = async (engine: Engine, name: string): Promise<void> => {
  try {
    await engine.json('DELETE', `/networks/${name}`);
  } catch (error) {
    // In use is 403 with Docker, 409 with Podman.
    const inUse = isConflict(error) || (error instanceof EngineError && error.status === 403);
    if (!isMissing(error) && !inUse) throw error;
  }
};

/** Names of the networks that carry these labels. */
export const listNetworks = async (engine: Engine, labels: Labels): Promise<readonly string[]> => {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const networks = await engine.json<readonly Network[]>('GET', '/networks', {
    query: { filters: JSON.stringify({ label }) },
  });
  return networks.map(({ Name }) => Name);
};

/** This machine's addresses on the networks that carry these labels. */
export const networkGateways = async (engine: Engine, labels: Labels): Promise<readonly string[]> => {
  const networks = await Promise.all(
    (await listNetworks(engine, labels)).map((name) => unlessMissing(engine.json<Network>('GET', `/networks/${name}`))),
  );
  return networks.flatMap((network) => (network?.IPAM?.Config ?? []).flatMap(({ Gateway }) => Gateway ?? []));
};

const firstHost = (subnet: string): string | undefined => {
  const bytes = subnet.split('/')[0]?.split('.').map(Number);
  if (bytes?.length !== 4) return undefined;
  bytes[3] = (bytes[3] ?? 0) + 1;
  return bytes.join('.');
};

/** Whether one can listen there: an address of this machine. The list of interfaces leaves out a bridge without containers. */
export const isOwnAddress = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(0, address, () => server.close(() => resolve(true)));
  });

/**
 * This machine's own address on the engine's default bridge, which `host-gateway` stands for in containers; undefined
 * where the engine lives in a machine of its own (Docker Desktop, rootless), which brings connections to localhost by itself.
 */
export const hostGateway = async (engine: Engine): Promise<string | undefined> => {
  const bridge = await unlessMissing(engine.json<Network>('GET', '/networks/bridge'));
  for (const { Gateway, Subnet } of bridge?.IPAM?.Config ?? []) {
    const address = Gateway ?? (Subnet === undefined ? undefined : firstHost(Subnet));
    if (address !== undefined && (await isOwnAddress(address))) return address;
  }
  return undefined;
};
