import { type RawBuilder, sql } from 'kysely'
import { type Move, type Bind, move } from '../moves.ts'
import { query, thisBatch } from '../query.ts'
import { jobs, ready } from '../tables.ts'
import { given, leave, left } from './leave.ts'
import { place } from './limits.ts'
import { readIds } from '../readings.ts'

/** Takes jobs out of a state, to ready; to blocked where a key is full: an operator's job is not skipped. */
const again = (state: 'failed' | 'scheduled', set: (now: RawBuilder<Date>) => RawBuilder<unknown>) =>
  query<{ list: readonly string[]; batch: typeof thisBatch }>(
    ({ list, batch }, build) => sql`
      with ${given(list, build)}, ${leave(batch, [state])}, job as (
        update ${jobs} set ${set(build.now)} where id = any(${left([state])})
        returning id, queue_name, -priority as rank, concurrency_key, concurrency_duration_ms, 'block' as on_conflict
      ), candidate as (
        select * from job where concurrency_key is not null
      ), ${place(batch, build.now)}, new_ready as (
        insert into ${ready} (job_id, queue_name, rank, created_at)
        select id, queue_name, rank, ${build.now} from job where concurrency_key is null
        union all
        select id, queue_name, rank, ${build.now} from placed where state = 'ready'
      )
      select id as job_id from job`,
  )

const retryFailed = again('failed', (now) => sql`attempts = 0, releases = 0, scheduled_at = ${now}`)
const dispatchNow = again('scheduled', (now) => sql`scheduled_at = least(scheduled_at, ${now})`)

export function retry(bind: Bind, { ids }: { ids: readonly string[] }): Move<readonly string[]> {
  return move({ moved: bind(retryFailed, { list: ids, batch: thisBatch }) }, (results) => readIds(results.moved))
}

export function runNow(bind: Bind, { ids }: { ids: readonly string[] }): Move<readonly string[]> {
  return move({ moved: bind(dispatchNow, { list: ids, batch: thisBatch }) }, (results) => readIds(results.moved))
}
