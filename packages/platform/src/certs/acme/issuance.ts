import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AcmeChallenge } from '../../domain/certificate-order.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { readChain } from '../check-certificate.ts';
import type { CertificateRecords, ManagedDomain, OrderRecord } from '../ports.ts';
import type { AcmeClient } from './acme-client.ts';
import { checkAddress } from './address-check.ts';
import { IssuanceFailure } from './failure.ts';
import { thumbprint } from './jws.ts';
import type { Authorization, Challenge, Order } from './objects.ts';
import { signingRequest } from './signing-request.ts';

const firstPollMs = 250;
const slowestPollMs = 5_000;
const challengeTypes = ['http-01', 'tls-alpn-01'] as const;

export const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** One domain's way to a certificate; every step is noted before the next, so that another process can go on from it. */
export class Issuance {
  readonly #domain: ManagedDomain;
  readonly #client: AcmeClient;
  readonly #records: CertificateRecords;
  readonly #settings: { readonly directoryUrl: string; readonly dnsServer: string | undefined };
  readonly #accountKey: KeyObject;
  readonly #signal: AbortSignal;
  #pollMs = firstPollMs;

  constructor(options: {
    readonly domain: ManagedDomain;
    readonly client: AcmeClient;
    readonly accountKey: KeyObject;
    readonly records: CertificateRecords;
    readonly settings: { readonly directoryUrl: string; readonly dnsServer: string | undefined };
    readonly signal: AbortSignal;
  }) {
    this.#domain = options.domain;
    this.#client = options.client;
    this.#accountKey = options.accountKey;
    this.#records = options.records;
    this.#settings = options.settings;
    this.#signal = options.signal;
  }

  /** @throws IssuanceFailure, AcmeError, or the signal's reason. */
  async run(): Promise<void> {
    const { id } = this.#domain;
    const record = await this.#records.begin(id);
    const { orderUrl, key } = await this.#ordered(record);
    for (;;) {
      const { value: order, retryAfterMs } = await this.#client.order(orderUrl);
      switch (order.status) {
        case 'pending':
          await this.#authorize(order, record);
          break;
        case 'ready':
          await this.#records.note(id, { stage: 'verified' });
          await this.#client.finalize(order, signingRequest(this.#domain.hostname, createPrivateKey(key)));
          break;
        case 'processing':
          await this.#wait(retryAfterMs);
          break;
        case 'valid':
          return this.#install(order, key);
        case 'invalid':
          throw new IssuanceFailure('domain', order.problem ?? 'The authority gave the order up and did not say why.');
      }
    }
  }

  /** Goes on with the order that was begun, or makes one. */
  async #ordered(record: OrderRecord): Promise<{ readonly orderUrl: string; readonly key: string }> {
    const { id, hostname } = this.#domain;
    const { directoryUrl, dnsServer } = this.#settings;
    const { certificateKey, orderUrl } = record;
    if (record.directoryUrl === directoryUrl && orderUrl !== null && certificateKey !== null) {
      return { orderUrl, key: certificateKey };
    }
    await checkAddress(hostname, dnsServer);
    this.#signal.throwIfAborted();
    const key = newKey();
    const fresh = { orderUrl: null, certificateKey: key, challenge: null, stage: 'dns-verified' as const };
    await this.#records.note(id, { ...fresh, directoryUrl });
    const { url } = await this.#client.newOrder(hostname);
    await this.#records.note(id, { orderUrl: url });
    return { orderUrl: url, key };
  }

  async #authorize(order: Order, record: OrderRecord): Promise<void> {
    for (const url of order.authorizations) {
      let { value: authorization } = await this.#client.authorization(url);
      if (authorization.status === 'pending') {
        const challenge = await this.#present(authorization, record);
        if (challenge.status === 'pending') await this.#client.answerChallenge(challenge.url);
      }
      while (authorization.status === 'pending') {
        const polled = await this.#client.authorization(url);
        authorization = polled.value;
        if (authorization.status === 'pending') await this.#wait(polled.retryAfterMs);
      }
      if (authorization.status !== 'valid') throw refused(authorization);
    }
    await this.#wait(undefined);
  }

  /** Shows the answer of a challenge to whoever visits the domain. */
  async #present(authorization: Authorization, { failures, challenge: begun }: OrderRecord): Promise<Challenge> {
    const offered = authorization.challenges;
    // A domain that can't be reached one way gets the other at the next attempt.
    const preferred = challengeTypes[failures % challengeTypes.length];
    const challenge =
      offered.find(({ token }) => token === begun?.token) ??
      offered.find(({ type }) => type === preferred) ??
      offered.find(({ type }) => challengeTypes.some((known) => known === type));
    const type = challengeTypes.find((known) => known === challenge?.type);
    if (challenge === undefined || type === undefined) {
      throw new IssuanceFailure('domain', 'The authority wants a proof in DNS, which ACM can not give.');
    }
    const keyAuthorization = `${challenge.token}.${thumbprint(this.#accountKey)}`;
    const shown: AcmeChallenge = { type, token: challenge.token, keyAuthorization };
    await this.#records.note(this.#domain.id, { challenge: shown });
    await this.#records.routed(this.#domain.id);
    return challenge;
  }

  async #install(order: Order, key: string): Promise<void> {
    if (order.certificate === undefined) {
      throw new IssuanceFailure('authority', 'The authority issued a certificate and did not say where it is.');
    }
    const chain = readChain(await this.#client.certificate(order.certificate));
    const facts = certificateFacts(chain);
    if (!chain[0].checkPrivateKey(createPrivateKey(key)) || !facts.certDomains.includes(this.#domain.hostname)) {
      throw new IssuanceFailure('authority', 'The authority issued a certificate for something else.');
    }
    const certificateChain = chain.map((certificate) => certificate.toString()).join('');
    await this.#records.issued(this.#domain.id, { ...facts, certificateChain, privateKey: key });
    await this.#records.routed(this.#domain.id);
  }

  async #wait(retryAfterMs: number | undefined): Promise<void> {
    await sleep(Math.max(this.#pollMs, retryAfterMs ?? 0), undefined, { signal: this.#signal });
    this.#pollMs = Math.min(this.#pollMs * 2, slowestPollMs);
  }
}

const refused = (authorization: Authorization): IssuanceFailure => {
  const challenge = authorization.challenges.find(({ problem }) => problem !== undefined);
  const reason = challenge?.problem ?? `the authorization is ${authorization.status}`;
  const tried = challenge === undefined ? '' : ` by ${challenge.type.toUpperCase()}`;
  return new IssuanceFailure('domain', `The domain could not be verified${tried}: ${reason}`);
};
