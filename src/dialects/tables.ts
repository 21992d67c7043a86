import { sql } from 'kysely'

/** An instant in a table: `timestamptz` on Postgres, whole milliseconds on SQLite. */
type Instant = Date | number
/** JSON text. Postgres columns are read as `::text`, so that every dialect gives the same. */
type Json = string

/** The tables, under their names without the prefix. A job's state is which table has its row. */
export interface Tables {
  jobs: {
    /** UUIDv7, made by the client. */
    id: string
    queue_name: string
    task_name: string
    payload: Json
    /** The part of the payload that plain JSON cannot express (superjson's meta); null: there is none. */
    payload_meta: Json | null
    /** −100 … 100, larger runs first. */
    priority: number
    /** Performings that ended, without those that were lost. Written when a claim ends. */
    attempts: number
    max_attempts: number
    /** Times the job had a whole invocation and did not end in it. */
    releases: number
    /** Invocations that were lost while they performed the job. */
    losses: number
    /** Namespace, `/` and key: jobs of the same key share a limit; null: the job is not limited. */
    concurrency_key: string | null
    /** Jobs of the key that may be ready or claimed at once. */
    concurrency_limit: number | null
    /** How long after its claim the job's permit expires. */
    concurrency_duration_ms: number | null
    /** 'block' or 'skip': applies when the job's key is full. */
    on_conflict: string | null
    /** 'retry' or 'fail': applies when the job's invocation is lost. */
    on_lost: string
    /** The recurring task that enqueued the job; null: none. */
    recurring_key: string | null
    /** The occurrence that the job was enqueued for. */
    recurring_at: Instant | null
    enqueued_at: Instant
    /** When it is (or was) due. */
    scheduled_at: Instant
    /** When the last ended performing began; null before. */
    started_at: Instant | null
    finished_at: Instant | null
    /** When a person last retried the failed job; null: never. */
    retried_at: Instant | null
    /** 'succeeded', 'cancelled' or 'skipped', once finished; null before. */
    outcome: string | null
    result: Json | null
    result_meta: Json | null
    /** The handler's last report. */
    progress: Json | null
    /** An array of { name, message, stack, at, attempt }, newest last, the last ten. */
    errors: Json | null
  }
  /** `rank`: −priority, so that jobs run in ascending order of it; the same in the other states. */
  ready_executions: { job_id: string; queue_name: string; rank: number; created_at: Instant }
  /** `concurrency_key`: on Postgres, so that dispatch need not read the rows in `jobs` of unlimited jobs. */
  scheduled_executions: {
    job_id: string
    queue_name: string
    rank: number
    concurrency_key: string | null
    scheduled_at: Instant
  }
  blocked_executions: {
    job_id: string
    queue_name: string
    rank: number
    concurrency_key: string
    created_at: Instant
  }
  /** One slot of a key, held by a job from ready until it leaves claimed. */
  permits: { job_id: string; concurrency_key: string; duration_ms: number }
  /** `claim`: the number of the claim in its invocation. `created_at`: when the performing started. */
  claimed_executions: {
    job_id: string
    process_id: string
    claim: number
    cancel_requested: boolean | number
    created_at: Instant
  }
  /** `fingerprint`: the task, `/`, and the `fingerprintOf` its error, which failures of the same cause share. */
  failed_executions: { job_id: string; fingerprint: string; error: Json; created_at: Instant }
  /**
   * The lock of a key, and its limit, as the newest job asked. `batch`, on Postgres: the batch that holds or last held
   * the lock. On SQLite, the single writer is the lock.
   */
  semaphores: { key: string; batch: string; concurrency_limit: number | null; job_id: string | null }
  pauses: { queue_name: string; created_at: Instant }
  processes: {
    id: string
    /** Empty: the row is the tombstone of an invocation that has ended. */
    worker: string
    name: string
    started_at: Instant
    last_heartbeat_at: Instant
    lease_expires_at: Instant
    /** SQLite: the batch that is pruning it. Postgres prunes in one statement and has no such column. */
    pruned_by: string | null
  }
  recurring_tasks: {
    key: string
    schedule: string
    time_zone: string
    task_name: string
    payload: Json
    payload_meta: Json | null
    /** Null: the task's. */
    queue_name: string | null
    /** Null: the task's. */
    priority: number | null
    /** 'latest', 'all' or 'none'. */
    catch_up: string
    description: string | null
    /** Whether the task comes from the definition; the last three columns are null if not. */
    static: boolean | number
    enabled: boolean | number
    /** From 1; each change of the task adds one. */
    version: number
    last_run_at: Instant | null
    /** Null while it is disabled. */
    next_run_at: Instant | null
    /** The deployment that wrote the row. */
    deployment: string | null
    /** When a deployment with this task was last seen. */
    seen_at: Instant | null
    /** Since when no deployment has the task; null: one has it, or the task was created at run time. */
    removed_at: Instant | null
  }
  /** An occurrence that was enqueued. It is never enqueued again, even when its job is gone. */
  recurring_executions: { task_key: string; run_at: Instant; job_id: string; created_at: Instant }
  /**
   * A set of static recurring tasks that is in use. `came_at`: when the deployment first came, came back, or was told
   * to hold.
   */
  deployments: { fingerprint: string; first_seen_at: Instant; came_at: Instant; seen_at: Instant }
  ticks: { actor: string; last_run_at: Instant; report: Json }
  schema: { version: number; serves_from: number; migrated_at: Instant }
}

export const tableNames = new Set<string>([
  'jobs',
  'ready_executions',
  'scheduled_executions',
  'blocked_executions',
  'permits',
  'claimed_executions',
  'failed_executions',
  'semaphores',
  'pauses',
  'processes',
  'recurring_tasks',
  'recurring_executions',
  'deployments',
  'ticks',
  'schema',
] satisfies (keyof Tables)[])

export const jobs = sql.table('jobs')
export const ready = sql.table('ready_executions')
export const scheduled = sql.table('scheduled_executions')
export const blocked = sql.table('blocked_executions')
export const permits = sql.table('permits')
export const claimed = sql.table('claimed_executions')
export const failed = sql.table('failed_executions')
export const semaphores = sql.table('semaphores')
export const pauses = sql.table('pauses')
export const processes = sql.table('processes')
export const recurringTasks = sql.table('recurring_tasks')
export const occurrences = sql.table('recurring_executions')
export const deployments = sql.table('deployments')
export const ticks = sql.table('ticks')
export const schema = sql.table('schema')
