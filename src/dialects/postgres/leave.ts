import { type RawBuilder, sql } from 'kysely'
import type { Build } from '../query.ts'
import { blocked, failed, permits, ready, scheduled } from '../tables.ts'
import { holdsKeyOf, unblock } from './limits.ts'

const tables = { ready, scheduled, blocked, failed }

/** A state that jobs can be taken out of, by their ids. */
type Left = keyof typeof tables

/** The ids of a JSON list, as the CTE `given`, which the other CTEs read. */
export const given = (list: unknown, { ids }: Build): RawBuilder<unknown> =>
  sql`given as materialized (select id from ${ids(list)} i)`

/**
 * The CTEs that take the jobs of `given` out of these states. They wait for a batch that is moving a row already, and
 * leave the row alone if it was moved. Rows are locked in the order of ids, so that two batches do not wait for each
 * other.
 */
export const leave = (batch: unknown, states: readonly Left[]): RawBuilder<unknown> =>
  sql.join(
    states.map(
      (state) => sql`${sql.ref(`${state}_picked`)} as materialized (
        select job_id from ${tables[state]} t where job_id = any(array(select id from given))
          and ${holdsKeyOf(batch, sql`t.job_id`)} order by job_id for update
      ), ${sql.ref(`${state}_gone`)} as (
        delete from ${tables[state]} where job_id = any(array(select job_id from ${sql.ref(`${state}_picked`)}))
        returning job_id
      )`,
    ),
  )

const idsOf = (states: readonly Left[]): RawBuilder<unknown> =>
  sql.join(
    states.map((state) => sql`select job_id from ${sql.ref(`${state}_gone`)}`),
    sql` union all `,
  )

/** The ids of the jobs that `leave` took. */
export const left = (states: readonly Left[]): RawBuilder<unknown> => sql`array(${idsOf(states)})`

/** The CTEs that give the permits of jobs that were ready to the next blocked jobs of their keys. */
export const passOn = (batch: unknown, now: RawBuilder<Date>, states: readonly Left[]): RawBuilder<unknown> => sql`
  freed as (
    delete from ${permits} where job_id = any(${left(states.filter((state) => state === 'ready'))})
    returning concurrency_key
  ), ${unblock(batch, now, {
    keys: sql`select concurrency_key from freed`,
    ...(states.includes('blocked') ? { leaving: sql`select id from given` } : {}),
  })}`
