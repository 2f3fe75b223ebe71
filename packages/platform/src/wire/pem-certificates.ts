import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';

/** What every TLS server of the house agrees on: forward secrecy and authenticated encryption, nothing older. */
export const modernTls = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  /** Sessions are only resumed where this is the same, and it would otherwise be that of each process. */
  sessionIdContext: 'ravine',
} as const;

/** A file that changed is noticed this much later at most, so that a flood of handshakes costs one `stat`. */
const recheckMs = 1_000;
/** What no client has asked for in this time is let go: a renewed certificate is another file, and the old one stays unused. */
const unusedMs = 10 * 60_000;

interface Loaded {
  readonly mtimeMs: number;
  readonly context: SecureContext;
  readonly pem: Buffer;
}

interface Entry {
  checkedAtMs: number;
  loaded: Promise<Loaded | undefined>;
}

const load = async (file: string, before: Loaded | undefined): Promise<Loaded | undefined> => {
  try {
    const { mtimeMs } = await stat(file);
    if (before?.mtimeMs === mtimeMs) return before;
    const pem = await readFile(file);
    return { mtimeMs, pem, context: createSecureContext({ key: pem, cert: pem, ...modernTls }) };
  } catch {
    return before;
  }
};

/**
 * Certificates by server name, read from PEM files that hold a private key followed by its chain. A file is read
 * again when its modification time changes; one that has become unreadable leaves its last good content in use.
 */
export class PemCertificates {
  readonly #fileFor: (serverName: string) => string | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #unusedMs: number;
  #prunedAtMs = performance.now();

  /** @param fileFor the PEM file of a lower-case server name, if there is one. */
  constructor(fileFor: (serverName: string) => string | undefined, limits: { readonly unusedMs?: number } = {}) {
    this.#fileFor = fileFor;
    this.#unusedMs = limits.unusedMs ?? unusedMs;
  }

  /** How many certificates are in memory. */
  get size(): number {
    return this.#entries.size;
  }

  /** The context of a server name; of `localhost` for an unknown or absent name; undefined without either. */
  async context(serverName: string): Promise<SecureContext | undefined> {
    return (await this.#find(serverName.toLowerCase()))?.context;
  }

  /** The PEM for clients that send no server name. */
  async fallbackPem(): Promise<Buffer | undefined> {
    return (await this.#find('localhost'))?.pem;
  }

  async #find(serverName: string): Promise<Loaded | undefined> {
    const file = this.#fileFor(serverName);
    const own = file === undefined ? undefined : await this.#read(file);
    if (own || serverName === 'localhost') return own;
    return this.#find('localhost');
  }

  #read(file: string): Promise<Loaded | undefined> {
    const now = performance.now();
    const entry = this.#entries.get(file);
    if (entry && now - entry.checkedAtMs < recheckMs) return entry.loaded;
    const loaded = entry ? entry.loaded.then((before) => load(file, before)) : load(file, undefined);
    const next: Entry = { checkedAtMs: now, loaded };
    this.#entries.set(file, next);
    this.#prune(now);
    // What can't be read may be there in a moment: the next handshake looks again.
    void loaded.then((found) => {
      if (!found && this.#entries.get(file) === next) this.#entries.delete(file);
    });
    return loaded;
  }

  #prune(nowMs: number): void {
    if (nowMs - this.#prunedAtMs < this.#unusedMs / 10) return;
    this.#prunedAtMs = nowMs;
    for (const [file, { checkedAtMs }] of this.#entries) {
      if (nowMs - checkedAtMs > this.#unusedMs) this.#entries.delete(file);
    }
  }
}
