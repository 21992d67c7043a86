-- Creates every table of the core, in the schema "steadytick", which `steadytick migrate` replaces by yours.
-- A job's state is which table has its row; the state tables stay small however many finished jobs are kept.
-- No foreign keys: Vitess does without, and they cost a third of the throughput. Deletes are explicit, in the same batch.

-- Not "create schema if not exists": Postgres asks for the right to create a schema before it looks whether there is one.
do $$ begin if to_regnamespace('steadytick') is null then create schema steadytick; end if; end $$;

-- What other programs write must be an instant that every list can show: `infinity` would stop each batch that meets it.
create domain steadytick.instant as timestamptz check (value between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00');

-- What this database holds. `serves_from`: the oldest code version that this schema still serves.
create table steadytick.schema (
  version integer primary key,
  serves_from integer not null,
  migrated_at steadytick.instant not null
);

create table steadytick.jobs (
  id uuid primary key,
  queue_name text collate "C" not null,
  task_name text collate "C" not null,
  payload json not null,
  payload_meta json,
  priority smallint not null check (priority between -100 and 100),
  attempts integer not null default 0,
  max_attempts integer not null,
  releases integer not null default 0,
  losses integer not null default 0,
  -- Which jobs it shares a limit with, and how many of them may be ready or claimed at once; null: it is not limited.
  concurrency_key text collate "C",
  concurrency_limit integer,
  concurrency_duration_ms bigint,
  on_conflict text,
  on_lost text not null,
  -- The recurring task that enqueued it, and for which instant; null: none did.
  recurring_key text collate "C",
  recurring_at steadytick.instant,
  enqueued_at steadytick.instant not null,
  scheduled_at steadytick.instant not null,
  started_at steadytick.instant,
  finished_at steadytick.instant,
  -- When a person last had it run again after it failed: its errors until then are of attempts before. Null: never.
  retried_at steadytick.instant,
  outcome text,
  result json,
  result_meta json,
  progress json,
  errors jsonb,
  -- One without the others would stop every batch that meets it.
  check (concurrency_key is null
    or concurrency_limit is not null and concurrency_duration_ms is not null and on_conflict is not null)
) with (fillfactor = 85);

create index jobs_by_end on steadytick.jobs (finished_at, id) where finished_at is not null;

-- `rank`: the job's priority with the other sign, so that every order in which jobs run goes upwards.
-- The state tables churn: every row is inserted once and deleted soon. Vacuum comes early, so that the head of
-- an index, where every claim begins, does not fill with dead entries.
create table steadytick.ready_executions (
  job_id uuid primary key,
  queue_name text collate "C" not null,
  rank smallint not null,
  created_at steadytick.instant not null
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

create index ready_for_claim on steadytick.ready_executions (rank, job_id);
create index ready_for_claim_by_queue on steadytick.ready_executions (queue_name, rank, job_id);

create table steadytick.scheduled_executions (
  job_id uuid primary key,
  queue_name text collate "C" not null,
  rank smallint not null,
  concurrency_key text collate "C",
  scheduled_at steadytick.instant not null
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

create index scheduled_for_dispatch on steadytick.scheduled_executions (scheduled_at, rank, job_id);

create table steadytick.blocked_executions (
  job_id uuid primary key,
  queue_name text collate "C" not null,
  rank smallint not null,
  concurrency_key text collate "C" not null,
  created_at steadytick.instant not null
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

create index blocked_for_unblock on steadytick.blocked_executions (concurrency_key, rank, job_id);

-- One slot of a key, held by a job from ready until it leaves claimed.
create table steadytick.permits (
  job_id uuid primary key,
  concurrency_key text collate "C" not null,
  duration_ms bigint not null
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

create index permits_by_key on steadytick.permits (concurrency_key);

-- `created_at` is when the performing started. `cancel_requested`: the invocation hears of it while it performs.
create table steadytick.claimed_executions (
  job_id uuid primary key,
  process_id uuid not null,
  claim integer not null,
  cancel_requested boolean not null default false,
  created_at steadytick.instant not null
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

create index claimed_by_process on steadytick.claimed_executions (process_id, claim);

-- `fingerprint`: the task, "/", and what failures of the same cause share.
create table steadytick.failed_executions (
  job_id uuid primary key,
  fingerprint text collate "C" not null,
  error jsonb not null,
  created_at steadytick.instant not null
);

create index failed_for_clearing on steadytick.failed_executions (created_at);
create index failed_for_grouping on steadytick.failed_executions (fingerprint, job_id);

-- One row is the lock of one key; `batch` is the batch that holds or last held it. Its limit is that of the newest job (the
-- largest id) that asked; null: it is no concurrency key. Nothing is counted here: permits are.
create table steadytick.semaphores (
  key text collate "C" primary key,
  batch uuid not null,
  concurrency_limit integer,
  job_id uuid
) with (fillfactor = 50);

create table steadytick.pauses (
  queue_name text collate "C" primary key,
  created_at steadytick.instant not null
);

-- One row is one invocation that holds claims, and its lease.
create table steadytick.processes (
  id uuid primary key,
  worker text collate "C" not null,
  name text not null,
  started_at steadytick.instant not null,
  last_heartbeat_at steadytick.instant not null,
  lease_expires_at steadytick.instant not null
) with (fillfactor = 50);

create index processes_for_prune on steadytick.processes (lease_expires_at);

create table steadytick.ticks (
  actor text collate "C" primary key,
  last_run_at steadytick.instant not null,
  report json not null
);

-- `static`: it comes from the definition; `deployment`, `seen_at` and `removed_at` are for those alone: which deployment
-- wrote it, when one that has it was last seen, and since when none was. `next_run_at`: null while it is disabled. `version`:
-- one more with each change of what it is.
create table steadytick.recurring_tasks (
  key text collate "C" primary key,
  schedule text not null,
  time_zone text not null,
  task_name text collate "C" not null,
  payload json not null,
  payload_meta json,
  queue_name text collate "C",
  priority smallint,
  catch_up text not null,
  description text,
  static boolean not null,
  enabled boolean not null default true,
  version integer not null default 1,
  last_run_at timestamptz(3) check (last_run_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  next_run_at timestamptz(3) check (next_run_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  deployment text,
  seen_at steadytick.instant,
  removed_at steadytick.instant
);

create index recurring_for_schedule on steadytick.recurring_tasks (next_run_at);

-- An occurrence that was enqueued. It outlives its job, and its recurring task: it is never enqueued again.
create table steadytick.recurring_executions (
  task_key text collate "C" not null,
  run_at timestamptz(3) not null check (run_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  job_id uuid not null,
  created_at steadytick.instant not null,
  primary key (task_key, run_at)
);

-- A set of static recurring tasks that is in use: since when, when it last came after it was away, and when it was last seen.
create table steadytick.deployments (
  fingerprint text collate "C" primary key,
  first_seen_at steadytick.instant not null,
  came_at steadytick.instant not null,
  seen_at steadytick.instant not null
);

insert into steadytick.schema (version, serves_from, migrated_at) values (1, 1, now());
