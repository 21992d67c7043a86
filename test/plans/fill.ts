/** How much is in the tables. */
export interface Size {
  readonly ready: number
  readonly finished: number
}

/** What a user has after a busy day; with STEADYTICK_LONG=1, after a bad one. */
export const size: Size =
  process.env['STEADYTICK_LONG'] === '1' ? { ready: 100_000, finished: 1_000_000 } : { ready: 10_000, finished: 50_000 }

const counts = { finished: size.finished, failed: 10_000, claimed: 40, ready: size.ready, scheduled: 5000 }

/** Due already; the others are so later. More than a dispatch takes. */
export const due = 2000

/** Jobs are numbered by state, the oldest first: the number of the first job of each state. */
export const first = {
  finished: 0,
  failed: counts.finished,
  claimed: counts.finished + counts.failed,
  ready: counts.finished + counts.failed + counts.claimed,
  scheduled: counts.finished + counts.failed + counts.claimed + counts.ready,
}

const total = first.scheduled + counts.scheduled

export const queueNames = ['default', 'imports', 'mail', 'web-hooks', 'web-push']

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

/** Statements that fill the tables as migrations made them. */
export function fill(dialect: 'postgres' | 'sqlite'): string[] {
  const postgres = dialect === 'postgres'
  const numbers = (from: number, count: number) =>
    postgres
      ? `(select n from generate_series(${from}, ${from + count - 1}) n) numbers`
      : `(with recursive up(n) as (select ${from} union all select n + 1 from up where n < ${from + count - 1}) select n from up) numbers`
  const id = postgres
    ? `('0190a5f0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
    : `printf('0190a5f0-0000-7000-8000-%012x', n)`
  const uuid = (text: string) => (postgres ? `'${text}'::uuid` : `'${text}'`)
  const after = (seconds: string) =>
    postgres
      ? `now() + (${seconds}) * interval '1 second'`
      : `cast((unixepoch('subsec') + (${seconds})) * 1000 as integer)`
  // Six of ten jobs are of one queue. Priorities lie across the order of arrival, as index entries lie across the table.
  const queue = `case when n % 10 < 6 then 'default' when n % 10 = 6 then 'imports' when n % 10 = 7 then 'mail'
    when n % 10 = 8 then 'web-hooks' else 'web-push' end`
  const priority = `(n * 7919 % 21) - 10`
  const secondsFromNow = `n - ${first.scheduled + due}`
  const isFinished = `n < ${first.failed}`
  const process = `case when n < ${first.claimed + 20} then ${uuid(invocations.live)}
    when n < ${first.claimed + 25} then ${uuid(invocations.lost[0])}
    when n < ${first.claimed + 30} then ${uuid(invocations.lost[1])} else ${uuid(invocations.gone)} end`
  const json = postgres ? '::json' : ''
  const jsonb = postgres ? '::jsonb' : ''
  const error = `'{"name":"Error","message":"The other side hung up","stack":null,"attempt":1}'`

  return [
    `insert into steadytick_jobs (id, queue_name, task_name, payload, priority, attempts, max_attempts, on_lost, enqueued_at,
        scheduled_at, started_at, finished_at, outcome, result, errors)
      select ${id}, ${queue}, 'deliver', '{"url":"https://example.com/hook","account":"a1"}'${json}, ${priority},
        case when n < ${first.claimed} then 1 else 0 end, 3, case when n % 2 = 0 then 'retry' else 'fail' end,
        ${after('-200000')},
        case when n >= ${first.scheduled} then ${after(secondsFromNow)} else ${after('-200000')} end,
        case when n < ${first.claimed} then ${after('-190000')} end,
        case when ${isFinished} then ${after(`(n - ${counts.finished}) * 172800.0 / ${counts.finished}`)} end,
        case when ${isFinished} then 'succeeded' end, case when ${isFinished} then '{"status":200}'${json} end,
        case when n >= ${first.failed} and n < ${first.claimed} then ${postgres ? `jsonb_build_array(${error}::jsonb)` : `json_array(json(${error}))`} end
      from ${numbers(0, total)}`,
    `insert into steadytick_failed_executions (job_id, error, created_at)
      select ${id}, ${error}${jsonb}, ${after(`(n - ${first.claimed}) * 172800.0 / ${counts.failed}`)} from ${numbers(first.failed, counts.failed)}`,
    `insert into steadytick_ready_executions (job_id, queue_name, priority, created_at)
      select ${id}, ${queue}, ${priority}, ${after('-200000')} from ${numbers(first.ready, counts.ready)}`,
    `insert into steadytick_scheduled_executions (job_id, queue_name, priority, scheduled_at)
      select id, queue_name, priority, scheduled_at from steadytick_jobs where id >= ${uuid(jobId(first.scheduled))}`,
    `insert into steadytick_claimed_executions (job_id, process_id, claim, created_at)
      select ${id}, ${process}, 1, ${after('-60')} from ${numbers(first.claimed, counts.claimed)}`,
    ...[invocations.live, ...invocations.lost].map(
      (process) => `insert into steadytick_processes (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
        values (${uuid(process)}, 'default', 'host:1', ${after('-90')}, ${after('-90')},
          ${after(process === invocations.live ? '3600' : '-30')})`,
    ),
    `insert into steadytick_ticks (actor, last_run_at, report) values ('maintain', ${after('-60')}, '{}')`,
  ]
}

/** Pauses a queue that has ready jobs. */
export function pause(dialect: 'postgres' | 'sqlite'): string {
  return `insert into steadytick_pauses (queue_name, created_at) values ('mail', ${dialect === 'postgres' ? 'now()' : '0'})`
}
