import { connect, type Socket } from 'node:net';
import { parseEngineHost } from '../locate-engine.ts';

/** A connection to an engine, whose two ways end each by itself. */
export const dialEngine = (host: string): Socket => {
  const endpoint = parseEngineHost(host, {});
  return endpoint.kind === 'socket'
    ? connect({ path: endpoint.path, allowHalfOpen: true })
    : connect({ host: endpoint.host, port: endpoint.port, allowHalfOpen: true });
};
