import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import { deployments, recurringTasks } from '../dialects/tables.ts'
import type { Deployment } from '../recurring/deployment.ts'
import { recurringLock } from './occur.ts'
import { assignments, columnList, type Planned, plannedColumns, plannedList } from './recurring-record.ts'
import type { Transition } from './transition.ts'

/** A deployment that was not heard of for an hour is gone. */
export const deploymentGraceMs = 3_600_000

/** A static task that a deployment has is noted as seen so often: each time is a written row. */
const noteMs = deploymentGraceMs / 4

interface Values {
  fingerprint: string
  list: string
  keys: string
  grace: number
  noted: number
}

/** A deployment that comes back is as one that comes for the first time. */
const forget = query<Values>(({ grace }, { after }) => sql`delete from ${deployments} where seen_at <= ${after(grace)}`)

const seen = query<Values>(
  ({ fingerprint }, { now }) => sql`
    insert into ${deployments} (fingerprint, first_seen_at, seen_at) values (${fingerprint}, ${now}, ${now})
    on conflict (fingerprint) do update set seen_at = excluded.seen_at`,
)

/**
 * Writes what another deployment wrote, or none, and what was removed; but not over one that came later and is still there.
 * Nor over a dynamic task. The time of the next occurrence stays where the schedule does.
 */
const write = query<Values>(
  ({ fingerprint, list }, { now, records }) => sql`
    insert into ${recurringTasks} as t (${columnList}, static, next_run_at, deployment, seen_at)
    select ${columnList}, true, next_at, ${fingerprint}, ${now} from ${records(list, plannedColumns)} x
    where true order by key
    on conflict (key) do update set ${assignments('excluded')},
      next_run_at = case when not t.enabled then null
        when t.schedule = excluded.schedule and t.time_zone = excluded.time_zone and t.next_run_at is not null
          then t.next_run_at
        else excluded.next_run_at end,
      deployment = excluded.deployment, seen_at = excluded.seen_at, removed_at = null
    where t.static and (t.deployment <> excluded.deployment or t.removed_at is not null) and not exists (
      select 1 from ${deployments} theirs cross join ${deployments} ours
      where theirs.fingerprint = t.deployment and ours.fingerprint = excluded.deployment
        and (theirs.first_seen_at, theirs.fingerprint) > (ours.first_seen_at, ours.fingerprint))`,
)

const note = query<Values>(
  ({ keys, noted }, { now, after, records }) => sql`
    update ${recurringTasks} set seen_at = ${now} where static and seen_at <= ${after(noted)}
      and key in (select name from ${records(keys, { name: 'text' })} x)`,
)

/** Only a deployment that is there so long itself says what nobody else has had meanwhile. */
const remove = query<Values>(
  ({ fingerprint, keys, grace }, { now, after, records }) => sql`
    update ${recurringTasks} set removed_at = ${now}, next_run_at = null
    where static and removed_at is null and seen_at <= ${after(grace)}
      and key not in (select name from ${records(keys, { name: 'text' })} x)
      and exists (select 1 from ${deployments} where fingerprint = ${fingerprint} and first_seen_at <= ${after(grace)})`,
)

const taken = query<Values>(
  ({ keys }, { records }) => sql`
    select key from ${recurringTasks}
    where not static and key in (select name from ${records(keys, { name: 'text' })} x)`,
)

/**
 * Notes that a deployment is there, and writes its static recurring tasks. What it says of a task holds until a deployment
 * says something else that was seen for the first time later: two of them, while one takes over from the other, do not
 * write in turns. A task that no deployment had for an hour is removed: it does not run, and its occurrences stay.
 *
 * Reads: the keys that dynamic tasks have taken.
 */
export function synchronize(
  dialect: Dialect,
  { fingerprint, keys }: Pick<Deployment, 'fingerprint' | 'keys'>,
  planned: readonly Planned[],
): Transition<readonly string[]> {
  const values = { fingerprint, list: plannedList(planned), keys, grace: -deploymentGraceMs, noted: -noteMs }
  return {
    locks: recurringLock,
    statements: [forget, seen, write, note, remove, taken].map((step) => dialect.bind(step, values)),
    idempotent: true,
    read: ({ rows }) => rows.map((row) => String(row['key'])),
  }
}
