-- What databases are made from, their backups in portable form, and when those are made.

-- What an add-on was asked for beside its plan: {"from": add-on id, "until": time}. Never a secret.
ALTER TABLE add_ons ADD COLUMN options jsonb NOT NULL DEFAULT '{}';

CREATE TABLE transfer_schedules (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  add_on_id uuid NOT NULL REFERENCES add_ons ON DELETE CASCADE,
  -- The config var by which it was asked for: DATABASE_URL.
  name text NOT NULL,
  hour integer NOT NULL CHECK (hour BETWEEN 0 AND 23),
  timezone text NOT NULL,
  next_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (add_on_id, name)
);

-- A backup (database to file), a restore (file to database) or a copy (database to database).
CREATE TABLE transfers (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  number integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('backup', 'restore', 'copy')),
  -- Add-ons that may be gone by now.
  from_add_on_id uuid,
  to_add_on_id uuid,
  from_name text NOT NULL,
  to_name text NOT NULL,
  -- Of a restore: the backup that is restored, or the sealed address of one elsewhere.
  backup_id uuid,
  sealed_url bytea,
  extensions text[] NOT NULL DEFAULT '{}',
  -- Set for what a schedule has asked for; once for each time that it was due.
  schedule_id uuid REFERENCES transfer_schedules ON DELETE SET NULL,
  scheduled boolean NOT NULL DEFAULT false,
  due_at timestamptz,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'succeeded', 'failed', 'canceled')),
  processed_bytes bigint NOT NULL DEFAULT 0,
  source_bytes bigint NOT NULL DEFAULT 0,
  warnings integer NOT NULL DEFAULT 0,
  -- [{created_at, message}]
  log jsonb NOT NULL DEFAULT '[]',
  request_key text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  UNIQUE (app_id, number),
  UNIQUE (schedule_id, due_at)
);
CREATE INDEX transfers_unfinished ON transfers (created_at) WHERE state IN ('pending', 'running');
