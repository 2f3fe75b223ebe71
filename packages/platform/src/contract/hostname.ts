import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { invalidParams } from './platform-error.ts';

const longestName = 253;
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Second-level names under which countries register, such as `co.uk`: there an apex has three labels. */
const registrySecondLevels = new Set(['ac', 'co', 'com', 'edu', 'gov', 'net', 'org']);

/** Empty for what is no domain; what would end a host name in a URL is no part of one either. */
const toAscii = (name: string): string => (/[/?#\\@:%]/.test(name) ? '' : domainToASCII(name.replace(/\.$/, '')));

/**
 * Reads a domain as people write it: lower case, IDNA turned to ASCII, no dot at the end; `*.` may stand before it.
 * @param platformDomain the domain that apps get their own names under, none of which can be added
 * @throws PlatformError saying what a domain looks like.
 */
export const readHostname = (given: string, platformDomain: string): string => {
  const wildcard = given.startsWith('*.');
  const ascii = toAscii(wildcard ? given.slice(2) : given);
  const labels = ascii.split('.');
  if (isIP(ascii) !== 0) {
    throw invalidParams(`${given} is an IP address: expected a domain name such as www.example.com.`);
  }
  if (labels.length < 2 || ascii.length > longestName || !labels.every((part) => label.test(part))) {
    throw invalidParams(
      `${given} is not a valid domain name: expected letters, digits and dashes with dots between, such as www.example.com or *.example.com.`,
    );
  }
  const hostname = wildcard ? `*.${ascii}` : ascii;
  for (const own of [platformDomain, 'localhost']) {
    if (hostname !== own && !hostname.endsWith(`.${own}`)) continue;
    throw invalidParams(
      `${hostname} is below ${own}, where this platform gives apps their own names; add a domain of your own, such as www.example.com.`,
    );
  }
  return hostname;
};

/** The name of a domain in a path or a body, as it is kept; whatever can't be one stays as it is, and isn't found. */
export const keptHostname = (given: string): string => {
  const wildcard = given.startsWith('*.');
  const ascii = toAscii(wildcard ? given.slice(2) : given);
  return ascii === '' ? given : `${wildcard ? '*.' : ''}${ascii}`;
};

export const isWildcard = (hostname: string): boolean => hostname.startsWith('*.');

/** Whether DNS has no CNAME for it, as for `example.com` and `example.co.uk` (RFC 1034 section 3.6.2). */
export const isApex = (hostname: string): boolean => {
  const labels = hostname.split('.');
  if (isWildcard(hostname) || labels.length > 3) return false;
  if (labels.length === 2) return true;
  return registrySecondLevels.has(labels[1] ?? '') && labels[2]?.length === 2;
};

/** Whether a certificate for these names serves the domain; a wildcard domain needs the wildcard itself. */
export const covers = (certDomains: readonly string[], hostname: string): boolean =>
  certDomains.includes(hostname) || certDomains.includes(`*${hostname.slice(hostname.indexOf('.'))}`);
