-- Domains of one's own, the certificates they are served with, and how far getting one from an ACME authority has come.

-- Whether certificates are had and renewed by themselves (`heroku certs:auto`).
ALTER TABLE apps ADD COLUMN acm boolean NOT NULL DEFAULT false;

CREATE TABLE sni_endpoints (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  name text NOT NULL,
  -- Had from an ACME authority rather than uploaded.
  acm boolean NOT NULL DEFAULT false,
  -- PEM, the leaf first.
  certificate_chain text NOT NULL,
  sealed_key bytea NOT NULL,
  -- SHA-256 of chain and sealed key: a change of either is another file for the router.
  fingerprint text NOT NULL,
  cert_domains text[] NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  starts_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  self_signed boolean NOT NULL,
  ca_signed boolean NOT NULL,
  request_key text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (app_id, name)
);

CREATE TABLE domains (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  -- Lower case, IDNA in its ASCII form; `*.example.com` stands for one label more.
  hostname text NOT NULL UNIQUE,
  sni_endpoint_id uuid REFERENCES sni_endpoints ON DELETE SET NULL,
  request_key text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX domains_app ON domains (app_id);
CREATE INDEX domains_sni_endpoint ON domains (sni_endpoint_id);

-- Who we are to an ACME authority, by the URL of its directory.
CREATE TABLE acme_accounts (
  directory_url text PRIMARY KEY,
  sealed_key bytea NOT NULL,
  -- Null until the authority has confirmed the account.
  account_url text
);

-- At most one a domain, so that a name is never ordered twice at once.
CREATE TABLE certificate_orders (
  domain_id uuid PRIMARY KEY REFERENCES domains ON DELETE CASCADE,
  stage text NOT NULL DEFAULT 'waiting' CHECK (stage IN ('waiting', 'dns-verified', 'verified')),
  directory_url text,
  -- The order at the authority, and the key of the certificate that it shall become.
  order_url text,
  sealed_key bytea,
  -- {type, token, keyAuthorization} that visitors may see while the authority looks.
  challenge jsonb,
  -- Failures in a row, why the last one failed, and when it is tried again.
  failures integer NOT NULL DEFAULT 0,
  problem text,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
