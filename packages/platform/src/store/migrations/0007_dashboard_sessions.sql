-- What signs browsers in to the dashboard.

-- Held by a browser in a cookie, rather than by a command line or a program.
ALTER TABLE authorizations ADD COLUMN browser boolean NOT NULL DEFAULT false;

-- Addresses that sign a browser in, once.
CREATE TABLE sign_in_links (
  token_hash bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  expires_at timestamptz NOT NULL
);
