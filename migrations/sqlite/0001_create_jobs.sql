-- Creates every table of the core. Names carry the prefix "steadytick_", which `steadytick migrate` replaces by yours.
-- A job's state is which table has its row; the state tables stay small however many finished jobs are kept.
-- WITHOUT ROWID and few indexes: on D1 each index entry is a written row, and written rows are the bill.
-- Instants are whole milliseconds since 1970 in UTC.

-- What this database holds. `serves_from`: the oldest code version that this schema still serves.
create table steadytick_schema (
  version integer primary key,
  serves_from integer not null,
  migrated_at integer not null
) strict;

create table steadytick_jobs (
  id text primary key,
  queue_name text not null,
  task_name text not null,
  payload text not null,
  payload_meta text,
  priority integer not null check (priority between -100 and 100),
  -- SQLite's integers go further than those of JavaScript: one that cannot be read would stop each batch that meets it.
  attempts integer not null default 0 check (attempts between 0 and 2147483647),
  max_attempts integer not null check (max_attempts between 0 and 2147483647),
  releases integer not null default 0 check (releases between 0 and 2147483647),
  losses integer not null default 0 check (losses between 0 and 2147483647),
  -- Which jobs it shares a limit with, and how many of them may be ready or claimed at once; null: it is not limited.
  concurrency_key text,
  concurrency_limit integer check (concurrency_limit between 0 and 2147483647),
  concurrency_duration_ms integer check (concurrency_duration_ms between 0 and 9007199254740991),
  on_conflict text,
  on_lost text not null,
  -- The recurring task that enqueued it, and for which instant; null: none did.
  recurring_key text,
  recurring_at integer,
  enqueued_at integer not null,
  -- What other programs write here must be an instant that every list can show.
  scheduled_at integer not null check (scheduled_at between -62135596800000 and 253402300799999),
  started_at integer,
  finished_at integer check (finished_at between -62135596800000 and 253402300799999),
  -- When a person last had it run again after it failed: its errors until then are of attempts before. Null: never.
  retried_at integer,
  outcome text,
  result text,
  result_meta text,
  progress text,
  errors text,
  -- One without the others would stop every batch that meets it.
  check (concurrency_key is null
    or concurrency_limit is not null and concurrency_duration_ms is not null and on_conflict is not null)
) strict, without rowid;

create index steadytick_jobs_by_end on steadytick_jobs (finished_at) where finished_at is not null;

-- `rank`: the job's priority with the other sign. Keys that go both up and down mislead SQLite: with statistics of a table of
-- few rows, it finds some of what `(a, b, c) in (…)` asks for (OP_SeekScan expects a list in the order of the index).
-- Clustered in the order in which a queue is claimed: the primary key is the index ready_for_claim_by_queue.
create table steadytick_ready_executions (
  job_id text not null,
  queue_name text not null,
  rank integer not null check (rank between -100 and 100),
  created_at integer not null,
  primary key (queue_name, rank, job_id)
) strict, without rowid;

create index steadytick_ready_for_claim on steadytick_ready_executions (rank, job_id);

-- Clustered in the order in which jobs come due: the primary key is the index scheduled_for_dispatch.
create table steadytick_scheduled_executions (
  job_id text not null,
  queue_name text not null,
  rank integer not null check (rank between -100 and 100),
  scheduled_at integer not null check (scheduled_at between -62135596800000 and 253402300799999),
  primary key (scheduled_at, rank, job_id)
) strict, without rowid;

-- Clustered in the order in which jobs are unblocked.
create table steadytick_blocked_executions (
  job_id text not null,
  queue_name text not null,
  rank integer not null check (rank between -100 and 100),
  concurrency_key text not null,
  created_at integer not null,
  primary key (concurrency_key, rank, job_id)
) strict, without rowid;

-- One slot of a key, held by a job from ready until it leaves claimed.
create table steadytick_permits (
  job_id text not null,
  concurrency_key text not null,
  duration_ms integer not null,
  primary key (concurrency_key, job_id)
) strict, without rowid;

-- The limit of a key: that of the newest job (the largest id) that asked. The single writer is its lock.
create table steadytick_semaphores (
  key text primary key,
  concurrency_limit integer not null,
  job_id text not null
) strict, without rowid;

-- `created_at` is when the performing started. No index by process: the table holds only what is being
-- performed right now, and reading it whole is cheaper than writing an index entry per claim.
-- `cancel_requested`: the invocation hears of it while it performs.
create table steadytick_claimed_executions (
  job_id text primary key,
  process_id text not null,
  claim integer not null,
  cancel_requested integer not null default 0,
  created_at integer not null
) strict, without rowid;

-- `fingerprint`: the task, "/", and what failures of the same cause share.
create table steadytick_failed_executions (
  job_id text primary key,
  fingerprint text not null,
  error text not null,
  created_at integer not null
) strict, without rowid;

create index steadytick_failed_for_clearing on steadytick_failed_executions (created_at);
create index steadytick_failed_for_grouping on steadytick_failed_executions (fingerprint, job_id);

create table steadytick_pauses (
  queue_name text primary key,
  created_at integer not null
) strict, without rowid;

-- One row is one invocation that holds claims, and its lease. `pruned_by`: the batch that is pruning it.
create table steadytick_processes (
  id text primary key,
  worker text not null,
  name text not null,
  started_at integer not null,
  last_heartbeat_at integer not null,
  lease_expires_at integer not null,
  pruned_by text
) strict, without rowid;

create index steadytick_processes_for_prune on steadytick_processes (lease_expires_at);

create table steadytick_ticks (
  actor text primary key,
  last_run_at integer not null,
  report text not null
) strict, without rowid;

-- `static`: it comes from the definition; `deployment`, `seen_at` and `removed_at` are for those alone: which deployment
-- wrote it, when one that has it was last seen, and since when none was. `next_run_at`: null while it is disabled. `version`:
-- one more with each change of what it is.
create table steadytick_recurring_tasks (
  key text primary key,
  schedule text not null,
  time_zone text not null,
  task_name text not null,
  payload text not null,
  payload_meta text,
  queue_name text,
  priority integer,
  catch_up text not null,
  description text,
  static integer not null,
  enabled integer not null default 1,
  version integer not null default 1,
  last_run_at integer,
  next_run_at integer,
  deployment text,
  seen_at integer,
  removed_at integer
) strict, without rowid;

create index steadytick_recurring_for_schedule on steadytick_recurring_tasks (next_run_at);

-- An occurrence that was enqueued. It outlives its job, and its recurring task: it is never enqueued again.
create table steadytick_recurring_executions (
  task_key text not null,
  run_at integer not null,
  job_id text not null,
  created_at integer not null,
  primary key (task_key, run_at)
) strict, without rowid;

-- A set of static recurring tasks that is in use: since when, when it last came after it was away, and when it was last seen.
create table steadytick_deployments (
  fingerprint text primary key,
  first_seen_at integer not null,
  came_at integer not null,
  seen_at integer not null
) strict, without rowid;

insert into steadytick_schema (version, serves_from, migrated_at) values (1, 1, cast(unixepoch('subsec') * 1000 as integer));
