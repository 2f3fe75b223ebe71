import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request comes from a page of ours: browsers say so (Fetch Metadata, or RFC 6454).
 * What says nothing is no browser, and is taken for ours.
 */
export const isSameOrigin = (headers: IncomingHttpHeaders): boolean => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === headers.host);
};
