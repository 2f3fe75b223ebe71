import { BlockList, isIP } from 'node:net';

/** Decides whether an address belongs to a set of networks. */
export interface Networks {
  /** @param address of a peer; undefined for a unix socket. */
  has(address: string | undefined): boolean;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/**
 * Addresses and networks in CIDR form; `*` is everyone. An IPv4 peer on an IPv6 socket counts by its IPv4 address,
 * and a peer on a unix socket always belongs: whoever may open the file was let in.
 * @throws Error for what is neither.
 */
export const parseNetworks = (networks: readonly string[]): Networks => {
  if (networks.includes('*')) return { has: () => true };
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const longest = isIP(address) === 6 ? 128 : 32;
    if (isIP(address) === 0 || (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest))) {
      throw new Error(`expected an IP address, a network such as 10.0.0.0/8, or *, got "${network}"`);
    }
    if (prefix === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return {
    has: (address) => {
      if (address === undefined) return true;
      const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
      return isIP(plain) !== 0 && list.check(plain, familyOf(plain));
    },
  };
};
