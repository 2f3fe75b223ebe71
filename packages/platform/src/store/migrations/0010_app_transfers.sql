-- Apps that an owner wants to give to somebody else, who has yet to take them.

CREATE TABLE app_transfers (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  owner_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  recipient_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'accepted', 'declined')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
-- An app is offered to one account at a time.
CREATE UNIQUE INDEX app_transfers_pending ON app_transfers (app_id) WHERE state = 'pending';
CREATE INDEX app_transfers_owner ON app_transfers (owner_id);
CREATE INDEX app_transfers_recipient ON app_transfers (recipient_id);

CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF state ON app_transfers
  FOR EACH ROW EXECUTE FUNCTION note_event('app-transfer', 'state,recipient_id');
