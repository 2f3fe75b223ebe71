import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { EngineError, EngineUnavailable } from './engine-error.ts';
import { type EngineEndpoint, endpointName } from './locate-engine.ts';

const http = process.getBuiltinModule('node:http');

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface EngineRequest {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is; wins over `body`. */
  readonly upload?: { readonly type: string; readonly bytes: AsyncIterable<Buffer> };
  readonly signal?: AbortSignal;
  /** An engine that answers slower than this counts as gone; two minutes unless told. Streams are not bounded. */
  readonly timeoutMs?: number;
}

const answerTimeoutMs = 120_000;

/** Requests without a version, of which an engine answers only the few that mean the same in all. */
export const anyApi = '';

/** What is known of an engine once it has answered. */
export interface EngineVersion {
  /** `1.41`; requests are made in it. */
  readonly api: string;
  /** `20.10.24`. */
  readonly version: string;
  readonly isPodman: boolean;
}

/** One Docker Engine, spoken to in one version of its API. */
export class Engine implements Disposable {
  readonly endpoint: EngineEndpoint;
  readonly version: EngineVersion;
  readonly #agent: Agent;

  constructor(endpoint: EngineEndpoint, version: EngineVersion) {
    this.endpoint = endpoint;
    this.version = version;
    const secure = endpoint.kind === 'tcp' && endpoint.tls !== undefined;
    this.#agent = secure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  }

  /** Answers the body as JSON, or undefined when there is none. @throws EngineError, EngineUnavailable */
  async json<T>(method: string, path: string, request: EngineRequest = {}): Promise<T> {
    const { timeoutMs = answerTimeoutMs } = request;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
    const body = await this.stream(method, path, { ...request, signal })
      .then(text)
      .catch((cause: unknown) => {
        if (!timeout.aborted || request.signal?.aborted === true) throw cause;
        throw new EngineUnavailable(
          `The engine at ${endpointName(this.endpoint)} did not answer ${method} ${path} within ${timeoutMs / 1000} s.`,
          { cause },
        );
      });
    // Cast: the caller names the shape that the Engine API reference gives for this path.
    return (body.trim() === '' ? undefined : JSON.parse(body)) as T;
  }

  /** Answers the body as it comes; whoever destroys it hangs up. @throws EngineError, EngineUnavailable */
  async stream(method: string, path: string, request: EngineRequest = {}): Promise<IncomingMessage> {
    try {
      return await this.#answer(method, path, request);
    } catch (error) {
      // A connection kept from before the engine was restarted says nothing about the engine now.
      if (!(error instanceof StaleConnection) || request.upload !== undefined) throw error;
      return await this.#answer(method, path, request);
    }
  }

  /** Turns the connection into a raw stream, as attaching does. @throws EngineError, EngineUnavailable */
  hijack(path: string, request: EngineRequest = {}): Promise<Duplex> {
    const body = request.body === undefined ? '' : JSON.stringify(request.body);
    const headers = {
      connection: 'Upgrade',
      upgrade: 'tcp',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    return new Promise((resolve, reject) => {
      const outgoing = this.#open('POST', path, request, headers, false);
      outgoing.once('upgrade', (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      outgoing.once('response', (response) => {
        readRefusal(response).then(reject, reject);
      });
      outgoing.once('error', (error) => reject(this.#unavailable(error)));
      outgoing.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #answer(method: string, path: string, request: EngineRequest): Promise<IncomingMessage> {
    const { upload } = request;
    const body = upload === undefined && request.body !== undefined ? JSON.stringify(request.body) : undefined;
    const headers = {
      ...(upload === undefined ? {} : { 'content-type': upload.type }),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = this.#open(method, path, request, headers, true);
      outgoing.once('response', (response) => {
        if ((response.statusCode ?? 0) < 400) resolve(response);
        else readRefusal(response).then(reject, reject);
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        const stale = outgoing.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
        reject(stale ? new StaleConnection('The engine closed a kept connection.') : this.#unavailable(error));
      });
      if (upload === undefined) outgoing.end(body);
      else sendAll(outgoing, upload.bytes).catch((error: unknown) => outgoing.destroy(asError(error)));
    });
  }

  #open(
    method: string,
    path: string,
    { query, signal }: EngineRequest,
    headers: Record<string, string | number>,
    kept: boolean,
  ): ClientRequest {
    const { endpoint } = this;
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) asked.set(name, String(value));
    const options = {
      method,
      path: `${this.version.api === anyApi ? '' : `/v${this.version.api}`}${path}${asked.size > 0 ? `?${asked}` : ''}`,
      headers: { host: 'engine', ...headers },
      ...(kept ? { agent: this.#agent } : { agent: false as const }),
      ...(signal === undefined ? {} : { signal }),
    };
    if (endpoint.kind === 'socket') return http.request({ ...options, socketPath: endpoint.path });
    const at = { ...options, host: endpoint.host, port: endpoint.port };
    return endpoint.tls === undefined ? http.request(at) : https.request({ ...at, ...endpoint.tls });
  }

  #unavailable(error: Error): Error {
    if (error.name === 'AbortError' || error instanceof EngineError) return error;
    return new EngineUnavailable(`The engine at ${endpointName(this.endpoint)} does not answer: ${error.message}`, {
      cause: error,
    });
  }
}

class StaleConnection extends Error {}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const sendAll = async (outgoing: ClientRequest, bytes: AsyncIterable<Buffer>): Promise<void> => {
  for await (const chunk of bytes) {
    if (outgoing.destroyed) return;
    if (outgoing.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        outgoing.off('drain', go);
        outgoing.off('close', go);
        resolve();
      };
      outgoing.once('drain', go);
      outgoing.once('close', go);
    });
  }
  outgoing.end();
};

const readRefusal = async (response: IncomingMessage): Promise<EngineError> => {
  const body = await text(response).catch(() => '');
  let message = body.trim();
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) message = String(parsed.message);
  } catch {
    // Not JSON: the text itself is the reason.
  }
  return new EngineError(response.statusCode ?? 0, message || `The engine answered ${response.statusCode}.`);
};
