import { lookup, Resolver } from 'node:dns/promises';
import { IssuanceFailure } from './failure.ts';

const timeoutMs = 3_000;
const tries = 2;
/** Whatever the resolver makes of its own times. */
const limitMs = 15_000;
/** No such name, and no address for it. */
const absent = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA']);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer';

const askServer = (hostname: string, server: string): readonly Promise<object>[] => {
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  resolver.setServers([server]);
  return [resolver.resolve4(hostname), resolver.resolve6(hostname)];
};

const within = <T>(ms: number, answer: Promise<T>): Promise<T | 'ETIMEOUT'> => {
  const { promise, resolve } = Promise.withResolvers<'ETIMEOUT'>();
  const timer = setTimeout(() => resolve('ETIMEOUT'), ms);
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer));
};

/**
 * Makes sure that a host name has an address, so that no authority is asked in vain.
 * @param server DNS server to ask, `ADDRESS` or `ADDRESS:PORT`; undefined asks as every program of this machine does
 * @throws IssuanceFailure when it has none.
 */
export const checkAddress = async (hostname: string, server: string | undefined): Promise<void> => {
  const answers = server === undefined ? [lookup(hostname)] : askServer(hostname, server);
  const codes: string[] = [];
  for (const answer of await Promise.all(answers.map((each) => within(limitMs, each.catch(codeOf))))) {
    if (typeof answer === 'object') return;
    codes.push(answer);
  }
  const trouble = codes.find((code) => !absent.has(code));
  throw new IssuanceFailure(
    'dns',
    trouble === undefined
      ? `DNS has no address for ${hostname}. Point it at this platform as \`heroku domains\` says.`
      : `DNS could not be asked for ${hostname} (${trouble}).`,
  );
};
