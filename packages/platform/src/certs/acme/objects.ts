import { AcmeError, readProblem } from './acme-error.ts';

/** RFC 8555 section 7.1.1. */
export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly externalAccountRequired: boolean;
}

/**
 * RFC 8555 section 7.1.6.
 * - `pending`: authorizations are wanting
 * - `ready`: to be finalized with a CSR
 * - `processing`: the certificate is being issued
 * - `valid`: it can be fetched
 * - `invalid`: given up
 */
export interface Order {
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate: string | undefined;
  readonly problem: string | undefined;
}

export interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly status: string;
  readonly token: string;
  readonly problem: string | undefined;
}

export interface Authorization {
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  readonly challenges: readonly Challenge[];
}

const orderStatuses = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const;
const authorizationStatuses = ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'] as const;

/** Fields of an object that an authority sent, each checked as it is read. */
class Received {
  readonly #what: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(what: string, value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(what);
    this.#what = what;
    this.#values = { ...value };
  }

  static parse(what: string, body: string): Received {
    try {
      return new Received(what, JSON.parse(body));
    } catch {
      throw malformed(what);
    }
  }

  get(name: string): unknown {
    return this.#values[name];
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value !== 'string') throw malformed(`${this.#what}.${name}`);
    return value;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = allowed.find((each) => each === this.#values[name]);
    if (value === undefined) throw malformed(`${this.#what}.${name}`);
    return value;
  }

  list(name: string): readonly unknown[] {
    const value = this.#values[name];
    if (!Array.isArray(value)) throw malformed(`${this.#what}.${name}`);
    return value;
  }

  problem(): string | undefined {
    const value = this.#values.error;
    return value === undefined || value === null ? undefined : readProblem(value).detail;
  }
}

const malformed = (what: string): AcmeError =>
  new AcmeError('serverInternal', `the authority sent something that is not ACME (${what}); check the directory's URL`);

export const readDirectory = (body: string): Directory => {
  const directory = Received.parse('directory', body);
  const meta = directory.get('meta');
  return {
    newNonce: directory.text('newNonce'),
    newAccount: directory.text('newAccount'),
    newOrder: directory.text('newOrder'),
    externalAccountRequired:
      meta !== undefined && new Received('directory.meta', meta).get('externalAccountRequired') === true,
  };
};

export const readOrder = (body: string): Order => {
  const order = Received.parse('order', body);
  return {
    status: order.oneOf('status', orderStatuses),
    authorizations: order.list('authorizations').filter((url) => typeof url === 'string'),
    finalize: order.text('finalize'),
    certificate: order.get('certificate') === undefined ? undefined : order.text('certificate'),
    problem: order.problem(),
  };
};

export const readAuthorization = (body: string): Authorization => {
  const authorization = Received.parse('authorization', body);
  return {
    status: authorization.oneOf('status', authorizationStatuses),
    challenges: authorization.list('challenges').flatMap((value) => {
      const challenge = new Received('challenge', value);
      // Other kinds of challenge may do without a token.
      if (typeof challenge.get('token') !== 'string') return [];
      return [
        {
          type: challenge.text('type'),
          url: challenge.text('url'),
          status: challenge.text('status'),
          token: challenge.text('token'),
          problem: challenge.problem(),
        },
      ];
    }),
  };
};
