import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { stepsOf } from '../dialects/moves.ts'
import { query } from '../dialects/query.ts'
import { deployments, recurringTasks } from '../dialects/tables.ts'
import type { Deployment } from '../recurring/deployment.ts'
import type { Planned } from '../recurring/recurring-task.ts'
import { forgottenMs } from './list-recurring.ts'
import { recurringLock } from './occur.ts'
import { setBackMs } from './set-back.ts'
import { assignments, columnList, plannedColumns, plannedList } from './recurring-record.ts'
import { type Transition, transition } from './transition.ts'

/**
 * A deployment that was not seen for this time is away: its rows may be written over. Ticks of cron may come only each
 * quarter of an hour, so that a database can sleep.
 */
const awayMs = 20 * 60_000
/** A deployment that was not seen for this time is forgotten, and the tasks that it alone had are removed. */
const goneMs = 60 * 60_000
/** A deployment notes a static task of its own as seen this often: each note writes a row. */
const noteMs = 15 * 60_000

interface Values {
  fingerprint: string
  list: readonly object[]
  keys: Deployment['keys']
  away: number
  gone: number
  longGone: number
  noted: number
}

/**
 * Forgets deployments that are gone, and those that a clock ahead of time has written. The deployment itself, once it
 * was away for twice `goneMs`, forgets how long it has run: other deployments may have been away, too.
 */
const forget = query<Values>(
  ({ fingerprint, gone, longGone }, { after }) => sql`
    delete from ${deployments} where (seen_at <= ${after(gone)} or seen_at > ${after(sql.lit(setBackMs))})
      and (fingerprint <> ${fingerprint} or seen_at <= ${after(longGone)} or seen_at > ${after(sql.lit(setBackMs))})`,
)

const see = query<Values>(
  ({ fingerprint, away }, { now, after }) => sql`
    insert into ${deployments} as d (fingerprint, first_seen_at, came_at, seen_at)
    values (${fingerprint}, ${now}, ${now}, ${now})
    on conflict (fingerprint) do update set seen_at = excluded.seen_at,
      came_at = case when d.seen_at <= ${after(away)} then excluded.came_at else d.came_at end`,
)

/** Makes this deployment the newest, even if the clock went back. */
const come = query<Values>(
  ({ fingerprint }, { now, after }) => sql`
    update ${deployments} set came_at = case when fingerprint = ${fingerprint} then ${now} else ${after(sql.lit(-1))} end
    where fingerprint = ${fingerprint} or came_at >= ${now}`,
)

/**
 * Writes over tasks of other deployments, removed tasks and tasks not stored yet; not over a task of a deployment that
 * came later and is not away. Leaves dynamic tasks alone. Keeps `next_run_at` while the schedule is unchanged.
 */
const write = query<Values>(
  ({ fingerprint, list, away }, { now, after, rows }) => sql`
    insert into ${recurringTasks} as t (${columnList}, static, next_run_at, deployment, seen_at)
    select ${columnList}, true, next_at, ${fingerprint}, ${now} from ${rows(list, plannedColumns)} x
    where true order by key
    on conflict (key) do update set ${assignments('excluded')},
      version = t.version + 1, next_run_at = case when not t.enabled then null
        when t.schedule = excluded.schedule and t.time_zone = excluded.time_zone
          and (t.removed_at is null or t.removed_at > ${after(sql.lit(-forgottenMs))}) then t.next_run_at
        else excluded.next_run_at end,
      deployment = excluded.deployment, seen_at = excluded.seen_at, removed_at = null
    where t.static and (t.deployment <> excluded.deployment or t.removed_at is not null) and not exists (
      select 1 from ${deployments} theirs cross join ${deployments} ours
      where theirs.fingerprint = t.deployment and ours.fingerprint = excluded.deployment
        and theirs.seen_at > ${after(away)}
        and (theirs.came_at, theirs.fingerprint) > (ours.came_at, ours.fingerprint))`,
)

const note = query<Values>(
  ({ keys, noted }, { now, after, rows }) => sql`
    update ${recurringTasks} set seen_at = ${now} where static and (seen_at <= ${after(noted)} or seen_at > ${after(sql.lit(setBackMs))})
      and key in (select name from ${rows(keys, { name: 'text' })} x)`,
)

/**
 * Only a deployment that has run for `goneMs` may remove tasks: a younger one cannot know which tasks others still
 * have.
 */
const remove = query<Values>(
  ({ fingerprint, keys, gone }, { now, after, rows }) => sql`
    update ${recurringTasks} set removed_at = ${now}
    where static and removed_at is null and (seen_at <= ${after(gone)} or seen_at > ${after(sql.lit(setBackMs))})
      and key not in (select name from ${rows(keys, { name: 'text' })} x)
      and exists (select 1 from ${deployments} where fingerprint = ${fingerprint} and first_seen_at <= ${after(gone)})`,
)

const taken = query<Values>(
  ({ keys }, { rows }) => sql`
    select key from ${recurringTasks}
    where not static and key in (select name from ${rows(keys, { name: 'text' })} x)`,
)

/**
 * Notes that a deployment is there, and writes its static recurring tasks. Its version of a task holds until a later
 * deployment writes another one, so two deployments, while one takes over from the other, do not write in turns. A
 * deployment that is away for 20 minutes, and comes back, counts as later than the deployments that stayed. A task that
 * no deployment had for an hour is removed: it does not run, and its occurrences stay. A removed task that comes back
 * within a week goes on where it was.
 *
 * @param insists counts the deployment as the newest
 * @returns a transition that reads the keys which dynamic tasks have taken
 */
export function synchronize(
  dialect: Dialect,
  { fingerprint, keys }: Pick<Deployment, 'fingerprint' | 'keys'>,
  planned: readonly Planned[],
  { insists = false }: { insists?: boolean } = {},
): Transition<readonly string[]> {
  const list = plannedList(planned)
  const ages = { away: -awayMs, gone: -goneMs, longGone: -2 * goneMs, noted: -noteMs }
  const values = { fingerprint, list, keys, ...ages }
  return transition({
    locks: recurringLock,
    idempotent: true,
    steps: {
      ...stepsOf(dialect.bind, { forget, see }, values),
      come: insists ? dialect.bind(come, values) : null,
      ...stepsOf(dialect.bind, { write, note, remove, taken }, values),
    },
    read: (results) => results.taken.rows.map((row) => String(row['key'])),
  })
}
