import type { IncomingHttpHeaders } from 'node:http';

/** The value of a cookie (RFC 6265 section 5.4); empty ones count as none. */
export const cookieOf = ({ cookie = '' }: IncomingHttpHeaders, name: string): string | undefined =>
  cookie
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) || undefined;
