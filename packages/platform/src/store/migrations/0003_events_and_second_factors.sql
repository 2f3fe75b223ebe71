-- What changed, who changed it and when; noted by triggers, in the transaction that makes the change.

CREATE TABLE events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The transaction that made it. Readers go by (xact, id) and only as far as no older transaction is still open, so that
  -- nothing ever appears behind a reader's back.
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  resource text NOT NULL,
  action text NOT NULL CHECK (action IN ('create', 'update', 'destroy')),
  resource_id text,
  -- No reference: what happened stays true when the app is gone.
  app_id uuid,
  app_name text,
  -- Whom it is about, where that is an account.
  account_id uuid,
  -- Null: the platform by itself.
  actor_id uuid,
  actor_email text,
  via text,
  -- Something that somebody decided, kept by policy; the rest is news and kept for days.
  audit boolean NOT NULL,
  data jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX events_order ON events (xact, id);
CREATE INDEX events_app ON events (app_id, xact, id);
CREATE INDEX events_at ON events (at);
-- Changes of many rows that are one change to people.
CREATE UNIQUE INDEX events_joined ON events (xact, app_id, resource)
  WHERE resource IN ('config-vars', 'buildpack-installations');

CREATE FUNCTION tell_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('ravine_events', '');
  RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON events FOR EACH STATEMENT EXECUTE FUNCTION tell_of_events();

-- Who acts on this connection, as the store's clients say it: {"id", "email", "via"}.
CREATE FUNCTION acting() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('ravine.actor', true), '')::jsonb
$$;

-- note_event(resource, columns shown, columns of which only the change is noted)
CREATE FUNCTION note_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  resource text := TG_ARGV[0];
  shown text[] := string_to_array(TG_ARGV[1], ',');
  hidden text[] := string_to_array(coalesce(TG_ARGV[2], ''), ',');
  was jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
  became jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
  action text := CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'destroy' END;
  changed text[] := '{}';
  the_app uuid := CASE resource WHEN 'app' THEN became ->> 'id' ELSE became ->> 'app_id' END;
  the_name text;
  gone timestamptz;
  the_account uuid := CASE resource WHEN 'account' THEN became ->> 'id' WHEN 'app' THEN NULL ELSE became ->> 'account_id' END;
  actor jsonb := acting();
  audited boolean := true;
  data jsonb;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    changed := ARRAY(SELECT c FROM unnest(shown || hidden) c WHERE was -> c IS DISTINCT FROM became -> c);
  END IF;
  IF the_app IS NOT NULL THEN
    SELECT apps.name, apps.deleted_at INTO the_name, gone FROM apps WHERE apps.id = the_app;
    IF resource = 'app' THEN
      IF TG_OP = 'DELETE' OR was ->> 'deleted_at' IS NOT NULL THEN RETURN NULL; END IF;
      IF gone IS NOT NULL THEN
        action := 'destroy';
        the_name := was ->> 'name';
        became := was;
        changed := '{}';
      END IF;
    ELSIF NOT FOUND OR gone IS NOT NULL THEN
      RETURN NULL; -- goes with its app, which was noted
    END IF;
  END IF;
  IF resource = 'addon' THEN
    IF TG_OP = 'DELETE' OR became ->> 'state' = 'deprovisioned' THEN RETURN NULL; END IF;
    IF 'state' = ANY (changed) AND became ->> 'state' = 'deprovisioning' THEN action := 'destroy'; END IF;
  END IF;
  IF action = 'update' AND cardinality(changed) = 0 THEN RETURN NULL; END IF;

  IF resource IN ('release', 'build') THEN
    the_account := NULL;
    actor := jsonb_build_object(
      'id', became ->> 'account_id', 'email', became ->> 'account_email',
      'via', CASE WHEN actor ->> 'id' = became ->> 'account_id' THEN actor ->> 'via' END);
  ELSIF resource = 'dyno' THEN
    -- Somebody ran it, or asked for its end; the rest of its life is the platform's.
    audited := (TG_OP = 'INSERT' AND became ->> 'kind' = 'run')
      OR ('retire' = ANY (changed) AND became ->> 'retire' IS NOT NULL);
    IF NOT audited THEN actor := NULL; END IF;
    audited := actor ->> 'id' IS NOT NULL;
  ELSIF (resource = 'addon' AND action = 'update') OR (resource = 'sni-endpoint' AND (became ->> 'acm')::boolean) THEN
    actor := NULL; -- whoever waits for it does not do it
  ELSIF resource = 'authorization' AND actor ->> 'id' IS NULL AND action = 'create' THEN
    actor := jsonb_build_object(
      'id', the_account, 'email', (SELECT email FROM accounts WHERE id = the_account), 'via', actor ->> 'via');
  END IF;

  SELECT coalesce(jsonb_object_agg(c, became -> c), '{}') INTO data FROM unnest(shown) c;
  IF action = 'update' THEN
    data := data || jsonb_build_object(
      'changed', ARRAY(SELECT regexp_replace(c, '_hash$', '') FROM unnest(changed) c),
      'before', (SELECT coalesce(jsonb_object_agg(c, was -> c), '{}') FROM unnest(changed) c WHERE c = ANY (shown)));
  END IF;
  IF resource = 'collaborator' THEN
    data := data || jsonb_build_object('email', (SELECT email FROM accounts WHERE id = the_account));
  END IF;

  INSERT INTO events (resource, action, resource_id, app_id, app_name, account_id, actor_id, actor_email, via, audit, data)
  VALUES (resource, action, became ->> 'id', the_app, the_name, the_account,
    (actor ->> 'id')::uuid, actor ->> 'email', actor ->> 'via', audited, data);
  RETURN NULL;
END $$;

CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF name, owner_id, stack, build_stack, maintenance, acm, deleted_at ON apps
  FOR EACH ROW EXECUTE FUNCTION note_event('app', 'name,owner_id,region,stack,build_stack,maintenance,acm');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON collaborators
  FOR EACH ROW EXECUTE FUNCTION note_event('collaborator', 'account_id');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON app_features
  FOR EACH ROW EXECUTE FUNCTION note_event('app-feature', 'name,enabled');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON add_ons
  FOR EACH ROW EXECUTE FUNCTION note_event('addon', 'name,service,plan,state,failure_reason');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON add_on_attachments
  FOR EACH ROW EXECUTE FUNCTION note_event('addon-attachment', 'name,add_on_id,namespace');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF status, failure_reason ON releases
  FOR EACH ROW EXECUTE FUNCTION note_event('release', 'version,status,description,stack,failure_reason');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON builds
  FOR EACH ROW EXECUTE FUNCTION note_event('build', 'status,stack,commit,commit_description,release_id,failure_reason');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON formation
  FOR EACH ROW EXECUTE FUNCTION note_event('formation', 'type,quantity,size');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF state, retire, size ON dynos
  FOR EACH ROW EXECUTE FUNCTION note_event('dyno', 'type,ordinal,kind,state,retire,size,release_version,exit_code');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON domains
  FOR EACH ROW EXECUTE FUNCTION note_event('domain', 'hostname,sni_endpoint_id');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON sni_endpoints
  FOR EACH ROW EXECUTE FUNCTION note_event('sni-endpoint', 'name,acm,cert_domains,expires_at', 'fingerprint');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON authorizations
  FOR EACH ROW EXECUTE FUNCTION note_event('authorization', 'account_id,description,scope,expires_at', 'token_hash');

-- Names of config vars, never values. What a rollback takes away and puts back under the same name is no change of names.
CREATE FUNCTION note_config_var() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  the_app uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.app_id ELSE NEW.app_id END;
  key jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD.name ELSE NEW.name END);
  actor jsonb := acting();
  the_name text;
  e events%ROWTYPE;
BEGIN
  SELECT name INTO the_name FROM apps WHERE id = the_app AND deleted_at IS NULL;
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO events (resource, action, app_id, app_name, actor_id, actor_email, via, audit, data)
  VALUES ('config-vars', 'update', the_app, the_name, (actor ->> 'id')::uuid, actor ->> 'email', actor ->> 'via', true,
    '{"set": [], "unset": []}')
  ON CONFLICT (xact, app_id, resource) WHERE resource IN ('config-vars', 'buildpack-installations')
    DO UPDATE SET at = clock_timestamp()
  RETURNING * INTO e;
  IF TG_OP = 'DELETE' THEN
    e.data := jsonb_set(e.data, '{unset}', (e.data -> 'unset') || key);
  ELSIF e.data -> 'unset' @> key THEN
    e.data := jsonb_set(e.data, '{unset}', (e.data -> 'unset') - (key #>> '{}'));
  ELSIF NOT e.data -> 'set' @> key THEN
    e.data := jsonb_set(e.data, '{set}', (e.data -> 'set') || key);
  END IF;
  UPDATE events SET data = e.data WHERE id = e.id;
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON config_vars FOR EACH ROW EXECUTE FUNCTION note_config_var();

CREATE FUNCTION note_buildpacks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  the_app uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.app_id ELSE NEW.app_id END;
  actor jsonb := acting();
  the_name text;
  urls jsonb;
BEGIN
  SELECT name INTO the_name FROM apps WHERE id = the_app AND deleted_at IS NULL;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT jsonb_build_object('buildpacks', coalesce(jsonb_agg(regexp_replace(url, '//[^/@]*@', '//') ORDER BY ordinal), '[]'))
    INTO urls FROM buildpack_installations WHERE app_id = the_app;
  INSERT INTO events (resource, action, app_id, app_name, actor_id, actor_email, via, audit, data)
  VALUES ('buildpack-installations', 'update', the_app, the_name,
    (actor ->> 'id')::uuid, actor ->> 'email', actor ->> 'via', true, urls)
  ON CONFLICT (xact, app_id, resource) WHERE resource IN ('config-vars', 'buildpack-installations')
    DO UPDATE SET data = EXCLUDED.data;
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON buildpack_installations
  FOR EACH ROW EXECUTE FUNCTION note_buildpacks();

-- Two-factor sign-in (RFC 6238).
ALTER TABLE accounts
  ADD COLUMN two_factor boolean NOT NULL DEFAULT false,
  -- Set from the moment that a secret is offered; in force once `two_factor`.
  ADD COLUMN sealed_totp_secret bytea,
  -- The newest time step whose code was used: a code works once.
  ADD COLUMN totp_step bigint NOT NULL DEFAULT 0;
CREATE TABLE recovery_codes (
  account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  code_hash bytea NOT NULL,
  PRIMARY KEY (account_id, code_hash)
);
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF email, name, administrator, two_factor, password_hash ON accounts
  FOR EACH ROW EXECUTE FUNCTION note_event('account', 'email,name,administrator,two_factor', 'password_hash');
