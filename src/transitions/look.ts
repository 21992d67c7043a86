import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import { claimed, deployments, pauses, processes, ready, recurringTasks, scheduled, ticks } from '../dialects/tables.ts'
import type { QueuePatterns } from '../job/queue-patterns.ts'
import { rangeOf } from '../job/queue-ranges.ts'
import type { Deployment } from '../recurring/deployment.ts'
import { isServed } from './list-recurring.ts'
import { schemaColumns, schemaOf, type SchemaVersion } from './read-schema.ts'
import { setBackMs } from './set-back.ts'
import { looking, type Transition } from './transition.ts'

/** The work that a tick finds. */
export interface Look extends SchemaVersion {
  /** The names of the workers asked about that have ready jobs in queues that are not paused. */
  readonly workersWithWork: ReadonlySet<string>
  readonly due: boolean
  /** Whether a lease has expired, or a claim has no invocation. */
  readonly lost: boolean
  /** How long ago maintenance ran, in milliseconds; null when it never did. */
  readonly maintainedMsAgo: number | null
  /** How long ago a tick of all actors last noted its time; null when none did. */
  readonly tickedMsAgo: number | null
  /** How long until the next scheduled job is due, negative when it is; null when no job is scheduled. */
  readonly nextDueMs: number | null
  /** Whether a recurring task that the deployment serves is due. */
  readonly occurrenceDue: boolean
  /** How long until the next occurrence is due that is not due yet; null when none is to come. */
  readonly nextOccurrenceMs: number | null
  /** Whether any deployment's static recurring tasks are stored. */
  readonly hasStaticTasks: boolean
  /** How long ago the deployment noted that it is there; null when it never did, or was forgotten since. */
  readonly synchronizedMsAgo: number | null
}

/** The deployment's lists, which are materialized because the statement asks them twice. */
const own = { keys: sql`own_keys`, taskNames: sql`own_tasks` }

/** A worker whose work is looked for. */
interface Looking {
  readonly name: string
  readonly patterns: QueuePatterns
}

/**
 * One SELECT, which locks and writes nothing. For each entry of a worker it seeks the first name that has ready jobs,
 * and a further name only behind a paused one: a list of names would be as long as callers make it.
 */
const question = query<Omit<Deployment, 'tasks'> & { entries: readonly object[] }>((values, build) => {
  const { fingerprint, keys, taskNames, entries } = values
  const { now, msUntil, rows } = build
  return sql`
    with recursive entry(worker, low, high) as (
      select worker, low, high from ${rows(entries, { worker: 'text', low: 'text', high: 'text' })} x
    ), seen(worker, high, name) as (
      select e.worker, e.high, (select min(queue_name) from ${ready} where queue_name >= e.low and queue_name < e.high)
      from entry e
      union all
      select s.worker, s.high, (select min(queue_name) from ${ready} where queue_name > s.name and queue_name < s.high)
      from seen s where exists (select 1 from ${pauses} p where p.queue_name = s.name)
    ), busy(worker) as (
      select distinct s.worker from seen s
      where s.name is not null and not exists (select 1 from ${pauses} p where p.queue_name = s.name)
    ), own_keys as materialized (select name from ${rows(keys, { name: 'text' })} x
    ), own_tasks as materialized (select name from ${rows(taskNames, { name: 'text' })} x
    ), facts as (
      select (select ${msUntil(sql`min(scheduled_at)`)} from ${scheduled}) as next_due_ms,
        case when exists (select 1 from ${processes} where lease_expires_at <= ${now})
          or exists (select 1 from ${claimed} c where not exists (select 1 from ${processes} p where p.id = c.process_id))
          then 1 else 0 end as lost,
        case when exists (select 1 from ${recurringTasks} t where t.next_run_at <= ${now} and ${isServed(own, build)})
          then 1 else 0 end as occurrence_due,
        (select ${msUntil(sql`t.next_run_at`)} from ${recurringTasks} t
          where t.next_run_at > ${now} and ${isServed(own, build)} order by t.next_run_at limit 1
        ) as next_occurrence_ms,
        case when exists (select 1 from ${recurringTasks} where static and removed_at is null) then 1 else 0 end
          as has_static_tasks,
        (select -${msUntil(sql`seen_at`)} from ${deployments} where fingerprint = ${fingerprint}) as synchronized_ms_ago,
        (select -${msUntil(sql`last_run_at`)} from ${ticks} where actor = 'maintain') as maintained_ms_ago,
        (select -${msUntil(sql`last_run_at`)} from ${ticks} where actor = 'tick') as ticked_ms_ago,
        ${schemaColumns}
    )
    select facts.*, busy.worker from facts left join busy on true`
})

/** Asks what there is to do for a deployment and for some of its workers. */
export function look(
  dialect: Dialect,
  { fingerprint, keys, taskNames }: Deployment,
  workers: Iterable<Looking> = [],
): Transition<Look> {
  const entries = [...workers].flatMap(({ name, patterns }) =>
    patterns.entries.map((entry) => {
      const { low, high } = rangeOf(entry)
      return { worker: name, low, high }
    }),
  )
  return looking(dialect.bind(question, { fingerprint, keys, taskNames, entries }), ({ rows }) => {
    const first = rows[0] ?? {}
    const number = (column: string) => (first[column] == null ? null : Number(first[column]))
    // A time more than `setBackMs` ahead tells nothing: the clock that wrote it was wrong.
    const ago = (column: string) => {
      const ms = number(column)
      return ms === null || ms < -setBackMs ? null : ms
    }
    const nextDueMs = number('next_due_ms')
    return {
      workersWithWork: new Set(rows.flatMap((row) => (row['worker'] == null ? [] : [String(row['worker'])]))),
      due: nextDueMs !== null && nextDueMs <= 0,
      lost: number('lost') === 1,
      maintainedMsAgo: ago('maintained_ms_ago'),
      tickedMsAgo: ago('ticked_ms_ago'),
      nextDueMs,
      occurrenceDue: number('occurrence_due') === 1,
      nextOccurrenceMs: number('next_occurrence_ms'),
      hasStaticTasks: number('has_static_tasks') === 1,
      synchronizedMsAgo: ago('synchronized_ms_ago'),
      ...schemaOf(first),
    }
  })
}
