/** Ports of this machine, both ends included. */
export interface HostPorts {
  readonly from: number;
  readonly to: number;
}

/** How a container of Docker calls the machine it runs on. */
export const dockerHostName = 'host.docker.internal';
/** How one of Podman does. */
export const podmanHostName = 'host.containers.internal';

const localAddress = /(?<=^|[@/,;\s])(?:localhost|127\.0\.0\.1|\[::1\]):(\d{1,5})(?!\d)/g;

/**
 * Makes what a config var says of an add-on on this machine true inside a container, where `localhost` is the container:
 * addresses with one of these ports, in URLs and in plain lists of servers. Others mean the container and stay.
 */
export const seenFromContainer = (value: string, ports: readonly HostPorts[], hostName: string): string =>
  value.replace(localAddress, (address, port: string) => {
    const number = Number(port);
    return ports.some(({ from, to }) => number >= from && number <= to) ? `${hostName}:${port}` : address;
  });
