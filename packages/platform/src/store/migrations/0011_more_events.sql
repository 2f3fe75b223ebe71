-- Who changed an add-on's plan, to whom an app is offered, and how far the certificate of a domain has come.

CREATE OR REPLACE FUNCTION note_event() RETURNS trigger LANGUAGE plpgsql AS $$
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
  the_account uuid := CASE resource
    WHEN 'account' THEN became ->> 'id' WHEN 'app' THEN NULL
    WHEN 'app-transfer' THEN became ->> 'recipient_id' -- who sees nothing of the app yet
    ELSE became ->> 'account_id' END;
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
  ELSIF (resource = 'addon' AND action = 'update' AND NOT changed && ARRAY['plan', 'name']) OR (resource = 'sni-endpoint' AND (became ->> 'acm')::boolean) THEN
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
  IF resource = 'app-transfer' THEN
    data := data || jsonb_build_object('recipient', (SELECT email FROM accounts WHERE id = the_account));
  END IF;
  IF resource = 'collaborator' THEN
    data := data || jsonb_build_object('email', (SELECT email FROM accounts WHERE id = the_account));
  END IF;

  INSERT INTO events (resource, action, resource_id, app_id, app_name, account_id, actor_id, actor_email, via, audit, data)
  VALUES (resource, action, became ->> 'id', the_app, the_name, the_account,
    (actor ->> 'id')::uuid, actor ->> 'email', actor ->> 'via', audited, data);
  RETURN NULL;
END $$;

-- Steps of the platform, by which pages that show a certificate's status know when to look again.
CREATE FUNCTION note_certificate_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  o certificate_orders%ROWTYPE := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.stage, OLD.problem, OLD.failures) IS NOT DISTINCT FROM (NEW.stage, NEW.problem, NEW.failures) THEN
    RETURN NULL;
  END IF;
  INSERT INTO events (resource, action, resource_id, app_id, app_name, audit, data)
  SELECT 'certificate-order', CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'destroy' END,
    o.domain_id::text, apps.id, apps.name, false,
    jsonb_build_object('hostname', domains.hostname, 'stage', o.stage, 'failures', o.failures, 'problem', o.problem)
  FROM domains JOIN apps ON apps.id = domains.app_id
  WHERE domains.id = o.domain_id AND apps.deleted_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON certificate_orders
  FOR EACH ROW EXECUTE FUNCTION note_certificate_order();
