import { TLSSocket } from 'node:tls';
import type { Exchange, Verdict } from './exchange.ts';
import { routerCodes } from './router-codes.data.ts';

const tlsVersion = (exchange: Exchange): string => {
  const { socket } = exchange.request;
  const version = socket instanceof TLSSocket ? socket.getProtocol() : null;
  return version ? version.toLowerCase().replace('v', '') : 'unknown';
};

const ms = (value: number | undefined): string => (value === undefined ? '' : `${value}ms`);

/** A double quote would end the field for those who parse the line. */
const quoted = (text: string): string => `"${text.replaceAll('"', '%22')}"`;

/** The router's line in an app's log. @see Dev Center "HTTP Routing", "Heroku Router Log Format" */
export const logText = (exchange: Exchange, verdict: Verdict): string => {
  const failure = verdict.kind === 'failed' ? verdict : undefined;
  const code = failure ? routerCodes[failure.code] : undefined;
  const status = (code ? (exchange.failureStatus ?? code.status) : exchange.status) ?? '';
  return (
    (failure?.side ? `sock=${failure.side} ` : '') +
    `at=${code?.at ?? 'info'} ` +
    (failure && code ? `code=${failure.code} desc="${code.desc}" ` : '') +
    (failure?.cause ? `cause=${quoted(failure.cause)} ` : '') +
    `method=${exchange.request.method} path=${quoted(exchange.path)} host=${exchange.host} ` +
    `request_id=${exchange.requestId} fwd=${quoted(exchange.forwardedFor)} dyno=${exchange.target?.dyno.name ?? ''} ` +
    `connect=${ms(exchange.connectMs)} service=${ms(exchange.serviceMs)} status=${status} ` +
    `bytes=${exchange.bytes ?? ''} protocol=http1.1 tls=${exchange.secure} tls_version=${tlsVersion(exchange)}`
  );
};
