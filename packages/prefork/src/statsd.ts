import { createSocket } from 'node:dgram';

/** Lines that fit into one datagram on any network. */
const datagramBytes = 1_400;
const flushEveryMs = 1_000;

/** Sends counters, timers and gauges by UDP, many in a datagram; what is lost is lost. */
export interface Statsd {
  count(name: string, value: number): void;
  timing(name: string, milliseconds: number): void;
  gauge(name: string, value: number): void;
  /** Sends what is waiting. */
  close(): Promise<void>;
}

export const openStatsd = (to: { readonly host: string; readonly port: number }, prefix: string): Statsd => {
  const socket = createSocket(to.host.includes(':') ? 'udp6' : 'udp4').unref();
  socket.on('error', () => undefined);
  let waiting = '';
  const flush = (done: () => void = () => undefined): void => {
    if (waiting === '') {
      done();
      return;
    }
    socket.send(waiting, to.port, to.host, done);
    waiting = '';
  };
  const timer = setInterval(() => flush(), flushEveryMs).unref();
  const add = (name: string, value: string): void => {
    const line = `${prefix}.${name}:${value}`;
    if (waiting.length + line.length >= datagramBytes) flush();
    waiting += waiting === '' ? line : `\n${line}`;
  };
  return {
    count: (name, value) => add(name, `${value}|c`),
    timing: (name, milliseconds) => add(name, `${milliseconds.toFixed(3)}|ms`),
    gauge: (name, value) => add(name, `${value}|g`),
    close: () =>
      new Promise((resolve) => {
        clearInterval(timer);
        flush(() => socket.close(resolve));
      }),
  };
};
