import type { AcmeChallenge, OrderStage } from '../domain/certificate-order.ts';
import type { DomainId } from '../domain/ids.ts';
import type { CertificateFacts } from './certificate-facts.ts';

/** A domain whose certificate is had and renewed by itself. */
export interface ManagedDomain {
  readonly id: DomainId;
  readonly hostname: string;
  /** Of the certificate that it has. */
  readonly certificate: { readonly startsAt: Date; readonly expiresAt: Date } | undefined;
  /** What became of the order; absent when nothing was ordered since the last certificate. */
  readonly order: { readonly failures: number; readonly nextAttemptAt: Date } | undefined;
}

/** An order as far as it has come; null is what it has not got yet. */
export interface OrderRecord {
  readonly directoryUrl: string | null;
  readonly orderUrl: string | null;
  /** PKCS#8 PEM of the key that the certificate is for. */
  readonly certificateKey: string | null;
  readonly challenge: AcmeChallenge | null;
  readonly failures: number;
}

export interface OrderNote extends Partial<OrderRecord> {
  readonly stage?: OrderStage;
  /** Why the last attempt failed, in words for the domain's owner. */
  readonly problem?: string | null;
  readonly nextAttemptAt?: Date;
}

export interface AcmeAccount {
  /** PKCS#8 PEM. */
  readonly key: string;
  /** Undefined until the authority has confirmed it. */
  readonly url: string | undefined;
}

/** A certificate as it was issued. */
export interface IssuedCertificate extends CertificateFacts {
  readonly certificateChain: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
}

/** The rows as the manager needs them; each method is one transaction, and is on disk when it resolves. */
export interface CertificateRecords {
  managed(): Promise<readonly ManagedDomain[]>;
  /** The account at an authority, by its directory's URL. */
  account(directoryUrl: string): Promise<AcmeAccount | undefined>;
  keepAccount(directoryUrl: string, account: AcmeAccount): Promise<void>;
  /** The order of a domain, made when there is none. */
  begin(id: DomainId): Promise<OrderRecord>;
  /** Notes nothing when domain or order are gone. */
  note(id: DomainId, change: OrderNote): Promise<void>;
  /** Puts the certificate in use, with the order at an end; nothing, when the domain is no longer managed. */
  issued(id: DomainId, certificate: IssuedCertificate): Promise<void>;
  /** Resolves when visitors see of the domain what was noted last: its challenge or its certificate. */
  routed(id: DomainId): Promise<void>;
}
