import { type RawBuilder, sql } from 'kysely'
import { query, type thisBatch } from '../query.ts'
import { jobs, ready } from '../tables.ts'
import { given, leave, left } from './leave.ts'
import { place } from './limits.ts'

/** Moves jobs from a state to ready, or to blocked where a key is full: a person's job is not skipped. */
export const moveToReady = (state: 'failed' | 'scheduled', set: (now: RawBuilder<Date>) => RawBuilder<unknown>) =>
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
