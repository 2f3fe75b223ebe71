import { lookup, Resolver } from 'node:dns/promises';
import { IssuanceFailure } from './failure.ts';

const timeoutMs = 5_000;
const tries = 2;
/** No such name, and no address for it. */
const absent = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA']);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer';

/**
 * Makes sure that a host name has an address, so that no authority is asked in vain.
 * @param server DNS server to ask, `ADDRESS` or `ADDRESS:PORT`; undefined asks as every program of this machine does
 * @throws IssuanceFailure when it has none.
 */
export const checkAddress = async (hostname: string, server: string | undefined): Promise<void> => {
  const codes: string[] = [];
  if (server === undefined) {
    const found = await lookup(hostname).catch(codeOf);
    if (typeof found === 'object') return;
    codes.push(found);
  } else {
    const resolver = new Resolver({ timeout: timeoutMs, tries });
    resolver.setServers([server]);
    const asked = [resolver.resolve4(hostname), resolver.resolve6(hostname)].map((ask) => ask.catch(codeOf));
    for (const found of await Promise.all(asked)) {
      if (typeof found === 'object') return;
      codes.push(found);
    }
  }
  const trouble = codes.find((code) => !absent.has(code));
  throw new IssuanceFailure(
    'dns',
    trouble === undefined
      ? `DNS has no address for ${hostname}. Point it at this platform as \`heroku domains\` says.`
      : `DNS could not be asked for ${hostname} (${trouble}).`,
  );
};
