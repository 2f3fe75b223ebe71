-- Jobs of heroku-scheduler add-ons and what became of them.

CREATE TABLE scheduler_jobs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  add_on_id uuid NOT NULL REFERENCES add_ons ON DELETE CASCADE,
  app_id uuid NOT NULL REFERENCES apps ON DELETE CASCADE,
  command text NOT NULL,
  size text NOT NULL,
  frequency text NOT NULL CHECK (frequency IN ('every-10-minutes', 'hourly', 'daily', 'cron')),
  -- Of hourly `30`, of daily `13:30`, of cron the expression; empty for the first.
  at text NOT NULL,
  time_zone text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  -- Null: never again, or not enabled.
  next_run_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX scheduler_jobs_app ON scheduler_jobs (app_id);
CREATE INDEX scheduler_jobs_next ON scheduler_jobs (next_run_at) WHERE next_run_at IS NOT NULL;

CREATE TABLE scheduler_runs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  job_id uuid NOT NULL REFERENCES scheduler_jobs ON DELETE CASCADE,
  -- When it was to run; with the job it names the run, so that nothing runs twice for one time.
  due_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'finished', 'missed', 'refused')),
  dyno_id uuid,
  -- `scheduler.4711`, which its log lines have.
  dyno_name text,
  exit_code integer,
  reason text,
  started_at timestamptz,
  finished_at timestamptz,
  UNIQUE (job_id, due_at)
);
CREATE INDEX scheduler_runs_dyno ON scheduler_runs (dyno_id) WHERE state = 'running';

-- A run is over in the transaction that takes its dyno away.
CREATE FUNCTION end_scheduler_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE scheduler_runs SET state = 'finished', exit_code = OLD.exit_code, finished_at = now()
    WHERE dyno_id = OLD.id AND state = 'running';
  RETURN NULL;
END $$;
CREATE TRIGGER end_scheduler_run AFTER DELETE ON dynos
  FOR EACH ROW WHEN (OLD.kind = 'run') EXECUTE FUNCTION end_scheduler_run();

CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF command, size, frequency, at, time_zone, enabled ON scheduler_jobs
  FOR EACH ROW EXECUTE FUNCTION note_event('scheduler-job', 'size,frequency,at,time_zone,enabled', 'command');
