/** Names whose value is one, whatever the client says twice. */
const pseudo = /^:(method|path|authority|scheme)$/;
const lineBreak = /[\r\n\0]/;

/**
 * The head of an HTTP/2 request in the form of HTTP/1.1, so that the one strict parser judges both; undefined when it
 * holds what could not be told apart in that form.
 *
 * @param raw names and values in turns, as they came
 * @param ended whether nothing follows the head
 * @see RFC 9113 section 8.3
 */
export const requestLines = (raw: readonly string[], ended: boolean): string | undefined => {
  let method = '';
  let path = '';
  let authority = '';
  let host: string | undefined;
  let lines = '';
  let cookies = '';
  let hasLength = false;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    if (lineBreak.test(value) || lineBreak.test(name)) return undefined;
    switch (name) {
      case ':method':
        method = value;
        break;
      case ':path':
        path = value;
        break;
      case ':authority':
        authority = value;
        break;
      case 'host':
        if (host !== undefined && host !== value) return undefined;
        host = value;
        break;
      case 'cookie':
        // Split for the sake of compression; one field elsewhere (RFC 9113 section 8.2.3).
        cookies += cookies === '' ? value : `; ${value}`;
        break;
      case 'connection':
      case 'transfer-encoding':
        return undefined;
      default:
        if (pseudo.test(name)) break;
        if (name === 'content-length') hasLength = true;
        lines += `${name}: ${value}\r\n`;
    }
  }
  if (host !== undefined && authority !== '' && host !== authority) return undefined;
  if (cookies !== '') lines += `cookie: ${cookies}\r\n`;
  if (!ended && !hasLength) lines += 'transfer-encoding: chunked\r\n';
  return `${method} ${method === 'CONNECT' ? authority : path} HTTP/1.1\r\nhost: ${authority || (host ?? '')}\r\n${lines}\r\n`;
};
