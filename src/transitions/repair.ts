import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import type { Repaired } from '../dialects/moves.ts'
import { query } from '../dialects/query.ts'
import { blocked, claimed, jobs, permits, semaphores } from '../dialects/tables.ts'
import { looking, ofMove, type Transition } from './transition.ts'

/**
 * Keys with an expired permit, with waiting jobs and a permit free, or with neither permits nor waiting jobs. Keys are
 * filtered before they are counted, so that full keys hide no open ones.
 */
const hint = query<{ after: string; max: number }>(
  ({ after, max }, { msUntil }) => sql`
    select key from (
      select j.concurrency_key as key from ${claimed} c cross join ${jobs} j
      cross join ${permits} p
      where j.id = c.job_id and p.concurrency_key = j.concurrency_key and p.job_id = c.job_id
        and ${msUntil(sql`c.created_at`)} <= -p.duration_ms
      union
      select key from (
        select s.key, s.concurrency_limit, (select count(*) from ${permits} p where p.concurrency_key = s.key) as held,
          case when exists (select 1 from ${blocked} b where b.concurrency_key = s.key) then 1 else 0 end as waited_for
        from ${semaphores} s where s.concurrency_limit is not null and s.key > ${after}
      ) keys where waited_for = 1 and held < concurrency_limit or waited_for = 0 and held = 0
    ) keys where key > ${after} order by key limit ${max}`,
)

/**
 * Reads the next keys, by their bytes, that need repairing. A hint: it is read without a lock, and `repair` looks
 * again.
 */
export function keysToRepair(dialect: Dialect, input: { after: string; max: number }): Transition<readonly string[]> {
  return looking(dialect.bind(hint, input), ({ rows }) => rows.map((row) => String(row['key'])))
}

/**
 * Takes away the expired permits of these keys, unblocks the jobs that then fit, and forgets keys without permits and
 * waiting jobs. Settling unblocks by itself: repairing is for jobs that run too long, and for limits that were raised.
 */
export function repair(dialect: Dialect, { keys }: { keys: readonly string[] }): Transition<Repaired> {
  return ofMove(dialect.moves.repair(dialect.bind, { keys }), {
    locks: [{ of: 'keys', keys: keys.map((key) => ({ key, limit: null, jobId: null })) }],
    idempotent: true,
  })
}
