const recordHeadBytes = 5;
const acmeProtocol = Buffer.from('\x0aacme-tls/1', 'latin1');

/** Whether the first record of a connection, which holds its ClientHello, has fully come (RFC 8446 section 5.1). */
export const helloIsWhole = (bytes: Buffer): boolean =>
  bytes.length >= recordHeadBytes && bytes.length >= recordHeadBytes + bytes.readUInt16BE(3);

/**
 * Whether a ClientHello offers the protocol of TLS-ALPN-01 challenges. A hello that only looks like it, since another
 * field holds these bytes, finds no protocol in common and fails, which costs nobody but its sender.
 */
export const asksForAcme = (hello: Buffer): boolean => hello.includes(acmeProtocol);
