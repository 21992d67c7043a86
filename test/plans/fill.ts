/** How many jobs of each state are in the tables. */
export interface Counts {
  readonly finished: number
  readonly failed: number
  readonly claimed: number
  readonly ready: number
  readonly scheduled: number
  /** Half of them on one key. */
  readonly blocked: number
}

/** What is there after a busy day; with STEADYTICK_LONG=1, after a bad one. */
export const counts: Counts =
  process.env['STEADYTICK_LONG'] === '1'
    ? { finished: 1_000_000, failed: 20_000, claimed: 40, ready: 100_000, scheduled: 20_000, blocked: 20_000 }
    : { finished: 50_000, failed: 20_000, claimed: 40, ready: 10_000, scheduled: 20_000, blocked: 10_000 }

/** What is there on a quiet one. */
export const few: Counts = { finished: 20, failed: 5, claimed: 40, ready: 10, scheduled: 5, blocked: 6 }

/** Jobs are numbered by state: the number of the first job of each. */
export function firstOf({ finished, failed, claimed, ready, scheduled }: Counts) {
  return {
    finished: 0,
    failed: finished,
    claimed: finished + failed,
    ready: finished + failed + claimed,
    scheduled: finished + failed + claimed + ready,
    blocked: finished + failed + claimed + ready + scheduled,
  }
}

/**
 * What distinguishes jobs.
 * - `varied`: five queues, 21 priorities that lie across the order of arrival, an instant for each scheduled job.
 * - `alike`: one queue, one priority, and all scheduled jobs due at one instant, as one `enqueueAll` leaves them.
 * - `tenants`: half of the jobs are of thousands of queues, one ready in each, behind the others, which are of one queue; as
 *   many keys are held by nothing any more.
 */
export type Shape = 'varied' | 'alike' | 'tenants'

export const queueNames: Record<Shape, readonly string[]> = {
  varied: ['default', 'imports', 'mail', 'web-hooks', 'web-push'],
  alike: ['default'],
  tenants: ['bulk', ...Array.from({ length: counts.ready / 2 }, (_, index) => `tenant-${index}`)],
}

/** How many kinds of failure there are. */
export const failureKinds: Record<Shape, number> = { varied: 50, alike: 1, tenants: 1 }

/** The key that the live invocation's jobs hold, which half of the blocked ones wait for; the others are `deliver/0` and so on. */
export const hotKey = 'deliver/hot'

/** Keys that a ready job holds each. */
const coldKeys = 500

/** The id of a job, by its number: a UUIDv7 of one producer. */
export function jobId(number: number): string {
  return `0190a5f0-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}

/** Invocations. `live` holds the first 20 claimed jobs, as its claim 1; the two lost ones hold 5 each, `gone` has 10 and no row. */
export const invocations = {
  live: '0190a5f0-0000-7000-9000-000000000001',
  lost: ['0190a5f0-0000-7000-9000-000000000002', '0190a5f0-0000-7000-9000-000000000003'],
  gone: '0190a5f0-0000-7000-9000-000000000004',
} as const

/** Recurring tasks, with the keys `task-0` and so on: all of them have been due since `dueSince`. */
export const recurringTasks = 20
export const dueSince = new Date('2026-01-01T00:00Z')

/** Statements that fill the tables as migrations made them. */
export function fill(dialect: 'postgres' | 'sqlite', of: Counts, shape: Shape): string[] {
  const first = firstOf(of)
  const postgres = dialect === 'postgres'
  const numbers = (from: number, count: number) =>
    postgres
      ? `(select n from generate_series(${from}::bigint, ${from + count - 1}) n) numbers`
      : `(with recursive up(n) as (select ${from} union all select n + 1 from up where n < ${from + count - 1}) select n from up) numbers`
  const id = postgres
    ? `('0190a5f0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
    : `printf('0190a5f0-0000-7000-8000-%012x', n)`
  const uuid = (text: string) => (postgres ? `'${text}'::uuid` : `'${text}'`)
  const after = (seconds: string) =>
    postgres
      ? `now() + (${seconds}) * interval '1 second'`
      : `cast((unixepoch('subsec') + (${seconds})) * 1000 as integer)`
  const instant = (ms: string) => (postgres ? `to_timestamp((${ms}) / 1000.0)` : `cast(${ms} as integer)`)
  const varied = shape === 'varied'
  const tenants = shape === 'tenants'
  const ofTenants = `case when n % 2 = 0 then 'bulk' else 'tenant-' || ((n / 2) % ${of.ready / 2}) end`
  const ofFew = varied
    ? `case when n % 10 < 6 then 'default' when n % 10 = 6 then 'imports' when n % 10 = 7 then 'mail'
        when n % 10 = 8 then 'web-hooks' else 'web-push' end`
    : `'default'`
  const queue = tenants ? ofTenants : ofFew
  const equal = tenants ? 'case when n % 2 = 0 then 5 else 0 end' : '0'
  const priority = varied ? `(n * 8 % 21) - 10` : equal
  // Two of five varied ones are due.
  const dueIn = varied ? `n - ${first.scheduled + Math.floor(of.scheduled * 0.4)}` : '-60'
  const isFinished = `n < ${first.failed}`
  const holder = `case when n < ${first.claimed + 20} then ${uuid(invocations.live)}
    when n < ${first.claimed + 25} then ${uuid(invocations.lost[0])}
    when n < ${first.claimed + 30} then ${uuid(invocations.lost[1])} else ${uuid(invocations.gone)} end`
  const json = postgres ? '::json' : ''
  const jsonb = postgres ? '::jsonb' : ''
  const error = `'{"name":"Error","message":"The other side hung up","stack":null,"attempt":1}'`

  const fingerprint = `'deliver/' || (n % ${failureKinds[shape]})`

  const isHeld = `n >= ${first.claimed} and n < ${first.claimed + 20}`
  const isColdReady = `n >= ${first.ready} and n < ${first.ready + Math.min(coldKeys, of.ready)}`
  const key = `case when ${isHeld} then '${hotKey}' when ${isColdReady} then 'deliver/' || (n - ${first.ready})
    when n >= ${first.blocked} and n % 2 = 0 then '${hotKey}' when n >= ${first.blocked} then 'deliver/' || (n % ${Math.min(coldKeys, of.ready)}) end`
  const limit = `case when ${key} = '${hotKey}' then 20 when ${key} is not null then 1 end`

  return [
    `insert into steadytick_jobs (id, queue_name, task_name, payload, priority, attempts, max_attempts, on_lost,
        concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, enqueued_at, scheduled_at, started_at, finished_at, outcome, result, errors)
      select ${id}, ${queue}, 'deliver', '{"url":"https://example.com/hook","account":"a1"}'${json}, ${priority},
        case when n < ${first.claimed} then 1 else 0 end, 3, case when n % 2 = 0 then 'retry' else 'fail' end,
        ${key}, ${limit}, case when ${key} is not null then 300000 end, case when ${key} is not null then 'block' end,
        ${after('-200000')},
        case when n >= ${first.scheduled} and n < ${first.blocked} then ${after(dueIn)} else ${after('-200000')} end,
        case when n < ${first.claimed} then ${after('-190000')} end,
        case when ${isFinished} then ${after(`(n - ${of.finished}) * 172800.0 / ${of.finished}`)} end,
        case when ${isFinished} then 'succeeded' end, case when ${isFinished} then '{"status":200}'${json} end,
        case when n >= ${first.failed} and n < ${first.claimed} then ${postgres ? `jsonb_build_array(${error}::jsonb)` : `json_array(json(${error}))`} end
      from ${numbers(0, first.blocked + of.blocked)}`,
    `insert into steadytick_failed_executions (job_id, fingerprint, error, created_at)
      select ${id}, ${fingerprint}, ${error}${jsonb}, ${after(`(n - ${first.claimed}) * 172800.0 / ${of.failed}`)} from ${numbers(first.failed, of.failed)}`,
    `insert into steadytick_ready_executions (job_id, queue_name, rank, created_at)
      select ${id}, ${queue}, -(${priority}), ${after('-200000')} from ${numbers(first.ready, of.ready)}`,
    `insert into steadytick_scheduled_executions (job_id, queue_name, rank, scheduled_at)
      select id, queue_name, -priority, scheduled_at from steadytick_jobs where id >= ${uuid(jobId(first.scheduled))} and id < ${uuid(jobId(first.blocked))}`,
    `insert into steadytick_blocked_executions (job_id, queue_name, rank, concurrency_key, created_at)
      select id, queue_name, -priority, concurrency_key, ${after('-200000')} from steadytick_jobs
      where id >= ${uuid(jobId(first.blocked))}`,
    `insert into steadytick_permits (job_id, concurrency_key, duration_ms)
      select id, concurrency_key, 300000 from steadytick_jobs
      where concurrency_key is not null and id < ${uuid(jobId(first.scheduled))}`,
    `insert into steadytick_semaphores (key, ${postgres ? 'batch, ' : ''}concurrency_limit, job_id)
      select distinct concurrency_key, ${postgres ? `${uuid(jobId(0))}, ` : ''}concurrency_limit, ${uuid(jobId(first.blocked))}
      from steadytick_jobs where concurrency_key is not null`,
    ...(tenants
      ? [
          `insert into steadytick_semaphores (key, ${postgres ? 'batch, ' : ''}concurrency_limit, job_id)
            select 'deliver/idle-' || n, ${postgres ? `${uuid(jobId(0))}, ` : ''}1, ${id} from ${numbers(0, of.ready)}`,
        ]
      : []),
    `insert into steadytick_claimed_executions (job_id, process_id, claim, created_at)
      select ${id}, ${holder}, 1, ${after('-60')} from ${numbers(first.claimed, of.claimed)}`,
    ...[invocations.live, ...invocations.lost].map(
      (process) => `insert into steadytick_processes (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
        values (${uuid(process)}, 'default', 'host:1', ${after('-90')}, ${after('-90')},
          ${after(process === invocations.live ? '3600' : '-30')})`,
    ),
    `insert into steadytick_recurring_tasks (key, schedule, time_zone, task_name, payload, catch_up, static, next_run_at,
        deployment, seen_at)
      select 'task-' || n, '0 * * * *', 'UTC', 'greet', 'null', 'latest', ${postgres ? 'n < 10' : 'iif(n < 10, 1, 0)'},
        ${instant(String(dueSince.getTime()))}, 'before', ${after('-60')} from ${numbers(0, recurringTasks)}`,
    `insert into steadytick_recurring_executions (task_key, run_at, job_id, created_at)
      select 'task-' || (n % ${recurringTasks}), ${instant(`${dueSince.getTime()} - (n + 1) * 60000.0`)}, ${id}, ${after('-200000')}
      from ${numbers(0, of.finished / 5)}`,
    `insert into steadytick_ticks (actor, last_run_at, report) values ('maintain', ${after('-60')}, '{}')`,
  ]
}

/** Pauses a queue. */
export function pause(dialect: 'postgres' | 'sqlite', queue: string): string {
  return `insert into steadytick_pauses (queue_name, created_at) values ('${queue}', ${dialect === 'postgres' ? 'now()' : '0'})`
}

/** Empties what `fill` fills. */
export function empty(): string[] {
  return [
    'jobs',
    'failed_executions',
    'ready_executions',
    'scheduled_executions',
    'blocked_executions',
    'permits',
    'semaphores',
    'claimed_executions',
    'processes',
    'recurring_tasks',
    'recurring_executions',
    'ticks',
  ].map((table) => `delete from steadytick_${table}`)
}
