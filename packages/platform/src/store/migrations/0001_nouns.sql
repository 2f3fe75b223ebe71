-- The nouns of the platform. Sealed columns hold AES-256-GCM boxes made by the secrets room; *_hash columns SHA-256 digests.

CREATE TABLE accounts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL,
  name text,
  password_hash text NOT NULL,
  administrator boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_login timestamptz
);
CREATE UNIQUE INDEX accounts_email ON accounts (lower(email));

CREATE TABLE authorizations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  description text NOT NULL DEFAULT '',
  scope text[] NOT NULL DEFAULT '{global}',
  token_hash bytea NOT NULL UNIQUE,
  token_prefix text NOT NULL,
  token_suffix text NOT NULL,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- A login that a CLI has asked for and a browser has not yet decided.
CREATE TABLE login_requests (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  secret_hash bytea NOT NULL UNIQUE,
  browser_secret_hash bytea NOT NULL UNIQUE,
  description text NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'granted', 'denied', 'used')),
  account_id uuid REFERENCES accounts ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE SEQUENCE app_uids START 200001 MAXVALUE 299999;

CREATE TABLE apps (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL UNIQUE,
  owner_id uuid NOT NULL REFERENCES accounts,
  region text NOT NULL DEFAULT 'local',
  stack text NOT NULL,
  build_stack text NOT NULL,
  maintenance boolean NOT NULL DEFAULT false,
  buildpack_provided_description text,
  repo_size bigint NOT NULL DEFAULT 0,
  -- The Unix uid its dynos run under.
  uid integer NOT NULL UNIQUE DEFAULT nextval('app_uids'),
  request_key text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  released_at timestamptz,
  -- Set when the app is to be removed with all its files; the row goes last.
  deleted_at timestamptz
);

CREATE TABLE collaborators (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (app_id, account_id)
);

CREATE TABLE app_features (
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  name text NOT NULL,
  enabled boolean NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (app_id, name)
);

CREATE TABLE account_features (
  account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  name text NOT NULL,
  enabled boolean NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, name)
);

CREATE TABLE buildpack_installations (
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  ordinal integer NOT NULL,
  url text NOT NULL,
  PRIMARY KEY (app_id, ordinal)
);

CREATE TABLE add_ons (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps,
  name text NOT NULL UNIQUE,
  service text NOT NULL,
  plan text NOT NULL,
  state text NOT NULL CHECK (state IN ('provisioning', 'provisioned', 'deprovisioning', 'deprovisioned')),
  -- What the provider keeps: port, uid, database name. Never a secret.
  resource jsonb NOT NULL DEFAULT '{}',
  -- Sealed JSON object: config var suffix ('URL') -> value.
  sealed_config bytea,
  failure_reason text,
  request_key text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE add_on_attachments (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  add_on_id uuid NOT NULL REFERENCES add_ons ON DELETE CASCADE,
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  -- Upper case: DATABASE, HEROKU_POSTGRESQL_COPPER.
  name text NOT NULL,
  namespace text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (app_id, name)
);

-- Current config vars that the user set; those of attachments are computed from add_ons.sealed_config.
CREATE TABLE config_vars (
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  name text NOT NULL,
  sealed_value bytea NOT NULL,
  PRIMARY KEY (app_id, name)
);

CREATE TABLE slugs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  commit text,
  commit_description text,
  checksum text,
  -- Container stack: process type -> image id; null for slugs that are folders.
  images jsonb,
  -- Digest of everything the build read (source tree, buildpacks, config); the same digest needs no build.
  source_digest text,
  size_bytes bigint,
  process_types jsonb NOT NULL DEFAULT '{}',
  stack text NOT NULL,
  buildpack_provided_description text,
  blob_state text NOT NULL DEFAULT 'pending' CHECK (blob_state IN ('pending', 'present', 'removed')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX slugs_app ON slugs (app_id, created_at DESC);

-- Immutable but for status, output and updated_at.
CREATE TABLE releases (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  version integer NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed', 'expired')),
  description text NOT NULL,
  account_id uuid REFERENCES accounts ON DELETE SET NULL,
  account_email text NOT NULL,
  slug_id uuid REFERENCES slugs ON DELETE SET NULL,
  stack text NOT NULL,
  process_types jsonb NOT NULL DEFAULT '{}',
  -- Process type -> image id, where the release command wrote files that are kept; over those of the slug.
  images jsonb NOT NULL DEFAULT '{}',
  -- Sealed JSON objects: all config vars of the release, and those of them that the user set.
  sealed_config bytea NOT NULL,
  sealed_own_config bytea NOT NULL,
  -- [{add_on_id, name, plan, attachment_name}]
  attachments jsonb NOT NULL DEFAULT '[]',
  -- Set when a release phase ran; the output is a file in the data folder.
  output_secret text,
  failure_reason text,
  request_key text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (app_id, version)
);
-- The newest succeeded release is the current one.
CREATE INDEX releases_current ON releases (app_id, version DESC) WHERE status = 'succeeded';

CREATE TABLE builds (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  account_id uuid REFERENCES accounts ON DELETE SET NULL,
  account_email text NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'succeeded', 'failed')),
  stack text NOT NULL,
  commit text,
  commit_description text,
  source_url text,
  buildpacks jsonb NOT NULL DEFAULT '[]',
  output_secret text NOT NULL,
  slug_id uuid REFERENCES slugs ON DELETE SET NULL,
  release_id uuid REFERENCES releases ON DELETE SET NULL,
  failure_reason text,
  request_key text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX builds_app ON builds (app_id, created_at DESC);
CREATE INDEX builds_pending ON builds (app_id) WHERE status = 'pending';

CREATE TABLE formation (
  id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  type text NOT NULL,
  quantity integer NOT NULL CHECK (quantity >= 0),
  size text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (app_id, type)
);

-- One row is one run of one dyno.
CREATE TABLE dynos (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  release_id uuid NOT NULL REFERENCES releases ON DELETE CASCADE,
  release_version integer NOT NULL,
  -- formation: kept up by the reconciler; run: one-off, goes when it ends; release: the release phase.
  kind text NOT NULL CHECK (kind IN ('formation', 'run', 'release')),
  type text NOT NULL,
  ordinal integer NOT NULL,
  size text NOT NULL,
  command text NOT NULL,
  state text NOT NULL CHECK (state IN ('starting', 'up', 'crashed', 'down', 'idle', 'stopping')),
  -- null: keep; 'restart': replace it, new one first; 'stop': stop it, then replace it; 'remove': it goes.
  retire text CHECK (retire IN ('restart', 'stop', 'remove')),
  attached boolean NOT NULL DEFAULT false,
  -- Sealed JSON object of extra env for one-off dynos.
  sealed_env bytea,
  attach_secret_hash bytea UNIQUE,
  terminal jsonb,
  host text,
  port integer,
  exit_code integer,
  -- Crashes in a row of this slot in this release; the back-off grows with it.
  crash_count integer NOT NULL DEFAULT 0,
  next_start_at timestamptz,
  output_position text,
  request_key text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dynos_app ON dynos (app_id);

CREATE TABLE log_sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  secret_hash bytea NOT NULL UNIQUE,
  lines integer NOT NULL,
  tail boolean NOT NULL,
  source text,
  dyno text,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Answers to POSTs, kept a minute, so that a client that lost its connection and asks again gets the same one.
CREATE TABLE replays (
  -- Digest of who asks for what.
  key text PRIMARY KEY,
  -- What the request makes carries this key, so that it is made once even if the answer never got written.
  request_key uuid NOT NULL DEFAULT gen_random_uuid(),
  status integer,
  headers jsonb,
  body bytea,
  created_at timestamptz NOT NULL DEFAULT now()
);
