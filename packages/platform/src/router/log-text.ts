import type { Exchange } from './exchange.ts';
import { routerCodes } from './router-codes.data.ts';
import type { Verdict } from './verdict.ts';

const ms = (value: number | undefined): string => (value === undefined ? '' : `${value}ms`);

/** A double quote would end the field for those who parse the line. */
const quoted = (text: string): string => `"${text.includes('"') ? text.replaceAll('"', '%22') : text}"`;

const agentPattern = /^user-agent:[\t ]*([^\r\n]*)/im;

/** The router's line in an app's log. @see Dev Center "HTTP Routing", "Heroku Router Log Format" */
export const logText = (exchange: Exchange, verdict: Verdict): string => {
  const { request, visitor } = exchange;
  const failure = verdict.kind === 'failed' ? verdict : undefined;
  const code = failure ? routerCodes[failure.code] : undefined;
  const status = (code ? (exchange.failureStatus ?? code.status) : exchange.status) ?? '';
  return (
    (failure?.side ? `sock=${failure.side} ` : '') +
    `at=${code?.at ?? 'info'} ` +
    (failure && code ? `code=${failure.code} desc="${code.desc}" ` : '') +
    (failure?.cause ? `cause=${quoted(failure.cause)} ` : '') +
    (failure?.code === 'H31' ? `agent=${quoted(agentPattern.exec(exchange.head?.fields ?? '')?.[1] ?? '')} ` : '') +
    `method=${request.method} path=${quoted(request.path)} host=${request.host} ` +
    `request_id=${exchange.requestId} fwd=${quoted(exchange.forwardedFor)} dyno=${exchange.target?.dyno.name ?? ''} ` +
    `connect=${ms(exchange.connectMs)} service=${ms(exchange.serviceMs)} status=${status} ` +
    `bytes=${exchange.bytes ?? ''}${visitor.lines.logEnd}`
  );
};
