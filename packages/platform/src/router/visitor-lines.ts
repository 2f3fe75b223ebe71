/** What is the same in all heads and log lines of one connection, written out once. */
export interface VisitorLines {
  /** Fields for a dyno, where the client's own don't have to be kept. @see Dev Center "HTTP Routing", "Heroku headers" */
  readonly fields: string;
  /** Field lines between those of X-Forwarded-For and X-Request-Start. */
  readonly origin: string;
  /** How an access line ends. */
  readonly logEnd: string;
}

type Protocol = 'http1.1' | 'http2.0';

interface Connected {
  readonly address: string;
  readonly port: number;
  readonly tlsVersion: string;
}

export const visitorLines = (
  { address, port, tlsVersion }: Connected,
  secure: boolean,
  protocol: Protocol,
): VisitorLines => {
  const origin = `X-Forwarded-Proto: ${secure ? 'https' : 'http'}\r\nX-Forwarded-Port: ${port}\r\n`;
  return {
    origin,
    fields: `X-Forwarded-For: ${address}\r\n${origin}Via: ${viaOf(protocol)}\r\n`,
    logEnd: ` protocol=${protocol} tls=${secure} tls_version=${tlsVersion}`,
  };
};

const mapped = '::ffff:';

/** An address of IPv4 that came over a socket for both versions is written as its own (RFC 4291 section 2.5.5.2). */
export const plainAddress = (address = ''): string =>
  address.startsWith(mapped) ? address.slice(mapped.length) : address;

/** RFC 9110 section 7.6.3. */
export const viaOf = (protocol: Protocol): string => `${protocol === 'http2.0' ? '2.0' : '1.1'} ravine`;
