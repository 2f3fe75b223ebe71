import type { ResponseHead } from './http1/response-head.ts';
import type { Worker } from './verdict.ts';
import type { VisitorLines } from './visitor-lines.ts';

/** Where the body of a request goes, or what a visitor says after a switch of protocols. */
export interface BodySink {
  /** Takes payload; results say whether the bytes may be used again. */
  send(bytes: Buffer, from: number, to: number, last: boolean): boolean;
  /** Whether the visitor should wait for `resumeBody` before it reads on. */
  readonly isFull: boolean;
  /** No more of the body is at hand for now. */
  flush(): void;
  /** The body can not be read: its end is lost. */
  bodyBroke(cause: string): void;
}

/** What a visitor knows of the exchange that it is part of. */
export interface Asked {
  readonly request: { readonly method: string };
  readonly worker: Worker | undefined;
  clientLeft(): void;
}

/** The connection, or the stream of one, that a request came from: HTTP/1.1 or HTTP/2. */
export interface Visitor {
  readonly address: string;
  readonly secure: boolean;
  /** As in the log: `tls1.3`, `unknown`. */
  readonly tlsVersion: string;
  readonly protocol: 'http1.1' | 'http2.0';
  /** The name that the TLS client asked for, lower-case. */
  readonly serverName: string | undefined;
  /** The port that it was reached on. */
  readonly port: number;
  /** What is the same in everything that is written of its connection. */
  readonly lines: VisitorLines;
  /** Too much waits for the client to read; `Worker.visitorDrained` tells when that has changed. */
  readonly isFull: boolean;
  /** Any number that changes when the client reads bytes that waited for it. */
  readonly progress: number;

  /** The exchange that it is part of from now on; called once for each request. */
  attach(exchange: Asked): void;
  /** Hands the body over, from its beginning; the first bytes may be sent before this returns. */
  sendBodyTo(sink: BodySink): void;
  /** The sink has room again. */
  resumeBody(): void;
  sayContinue(): void;
  interim(head: ResponseHead): void;
  /** @returns whether the bytes may be used again, as `pass` does. */
  answer(head: ResponseHead, extraFields: string, bytes: Buffer, from: number, to: number, last: boolean): boolean;
  pass(bytes: Buffer, from: number, to: number, last: boolean): boolean;
  /** Answers an upgrade: what follows, both ways, is not HTTP. */
  switchProtocol(head: ResponseHead): void;
  /** The router's own answer. */
  page(status: number, type: string, text: string): void;
  /** The exchange has ended and its answer is with the client, or on its way. */
  next(): void;
  /** The tunnel has ended. */
  end(): void;
  /** Ends it so that the client knows that its answer isn't whole. */
  abort(): void;
}
