-- Further roles of databases beside the default one, each with a password of its own.

CREATE TABLE credentials (
  add_on_id uuid NOT NULL REFERENCES add_ons ON DELETE CASCADE,
  name text NOT NULL,
  -- All but active: noted here and not yet, or not certainly, done in the database.
  state text NOT NULL CHECK (state IN ('creating', 'active', 'rotating', 'destroying')),
  -- Sealed JSON object, as that of the add-on: {"URL": address}.
  sealed_config bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (add_on_id, name)
);
