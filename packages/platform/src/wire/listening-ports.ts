import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';

const listenState = '0A';

/** `0100007F` of a little-endian kernel is 127.0.0.1 (proc(5), /proc/net/tcp). */
const addressOf = (hex: string): string => {
  const bytes = [...Buffer.from(hex, 'hex')];
  return (endianness() === 'LE' ? bytes.reverse() : bytes).join('.');
};

/** Where programs of this machine (of this network namespace) listen by TCP over IPv4, as `127.0.0.1:5432`; without connecting. */
export const listeningPorts = async (): Promise<ReadonlySet<string>> => {
  const table = await readFile('/proc/net/tcp', 'latin1').catch(() => '');
  const lines = table.split('\n').slice(1);
  return new Set(
    lines.flatMap((line) => {
      const [, local, , state] = line.trim().split(/\s+/);
      const [address = '', port = ''] = (local ?? '').split(':');
      return state === listenState ? [`${addressOf(address)}:${Number.parseInt(port, 16)}`] : [];
    }),
  );
};
