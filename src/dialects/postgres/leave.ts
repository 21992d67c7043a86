import { type RawBuilder, sql } from 'kysely'
import type { Build } from '../query.ts'
import { failed, ready, scheduled } from '../tables.ts'

const tables = { ready, scheduled, failed }

/** A state that jobs can be taken out of, by their ids. */
type Left = keyof typeof tables

/** The ids of a JSON list, as the CTE that the others read. */
export const given = (list: unknown, { ids }: Build): RawBuilder<unknown> =>
  sql`given as materialized (select id from ${ids(list)} i)`

/**
 * The CTEs that take the jobs of `given` out of these states. They wait for whoever moves a row already, and leave what
 * that one has moved. In the order of ids: two that meet do not wait for each other.
 */
export const leave = (states: readonly Left[]): RawBuilder<unknown> =>
  sql.join(
    states.map(
      (state) => sql`${sql.ref(`${state}_picked`)} as materialized (
        select job_id from ${tables[state]} where job_id = any(array(select id from given)) order by job_id for update
      ), ${sql.ref(`${state}_gone`)} as (
        delete from ${tables[state]} where job_id = any(array(select job_id from ${sql.ref(`${state}_picked`)}))
        returning job_id
      )`,
    ),
  )

/** The ids of the jobs that `leave` took. */
export const left = (states: readonly Left[]): RawBuilder<unknown> =>
  sql`array(${sql.join(
    states.map((state) => sql`select job_id from ${sql.ref(`${state}_gone`)}`),
    sql` union all `,
  )})`
