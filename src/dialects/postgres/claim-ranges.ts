import { type RawBuilder, sql } from 'kysely'
import { pauses, ready } from '../tables.ts'
import { exactly } from './exactly.ts'

/** Whether the queue of this name may be claimed from. Each name is one probe: a join would read all pauses first. */
const isOpen = (name: RawBuilder<unknown>) => sql`(select true from ${pauses} p where p.queue_name = ${name}) is null`

/** Whether no entry before `e` has this name: a job belongs to the first entry that matches its queue. */
const isOfEntry = (name: RawBuilder<unknown>) =>
  sql`(select true from entry b where b.place < e.place and ${name} >= b.low and ${name} < b.high limit 1) is null`

/** A job's place in the order of all queues; without a job, the place behind all. */
const placeOf = (cte: string) =>
  sql`(coalesce((select rank from ${sql.ref(cte)}), 32767),
    coalesce((select job_id from ${sql.ref(cte)}), 'ffffffff-ffff-ffff-ffff-ffffffffffff'))`

/**
 * Locks candidates one by one, in their order, until `count` are locked. Skips candidates that other batches have
 * locked.
 */
const locked = (candidates: RawBuilder<unknown>, count: RawBuilder<unknown>) => sql`
  select r.place from ${candidates} c cross join lateral (
    select ctid as place from ${ready} where ctid = c.place for update skip locked
  ) r limit ${count}`

/**
 * The places of ready jobs by ranges of queue names (`ranged`), entry after entry, until `limit` are found. The rows
 * read depend on `limit`, not on the number of queues or jobs. For each entry:
 *
 * 1. `near`: the jobs that match among the first 1000 + 20 × limit of all queues, in their order.
 * 2. If these are too few: `names` of queues, one after the other from `start` and round to it, until 256 + limit of
 *    them are open, or 1,000 were passed and one is open. `heads` are the best of the first jobs of these queues behind
 *    the first look (`edge`), and `far` the best of the next jobs of the queues of `heads`.
 *
 * Only the rows taken are locked; further candidates are left to claims that run at the same time. The walks have a
 * LIMIT and no condition: with a condition, Postgres 18 would read them by the index of queue names, and search it for
 * each name.
 */
export const fromRanges = (list: unknown, limit: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  entry as materialized (
    select * from json_to_recordset(${list}::json) as e(place integer, low text, high text, open boolean, start text)
  ), edge as materialized (
    select rank, job_id from ${ready} order by rank, job_id offset 1000 + 20 * ${limit} limit 1
  ), ranged as materialized (
    select r.place from (select * from entry order by place) e cross join lateral (
      with recursive named as materialized (
        select ctid as place from ${ready} where queue_name >= e.low and queue_name < e.high
        order by queue_name, rank, job_id
        limit case when e.open or not (${isOpen(sql`e.low`)} and ${isOfEntry(sql`e.low`)}) then 0 else ${limit} end
        for update skip locked
      ), near as materialized (${locked(
        sql`(select x.place from (
            select ctid as place, queue_name from ${ready} order by rank, job_id limit 1000 + 20 * ${limit}) x
          where x.queue_name >= e.low and x.queue_name < e.high
            and ${isOpen(sql`x.queue_name`)} and ${isOfEntry(sql`x.queue_name`)})`,
        sql`case when e.open then ${limit} else 0 end`,
      )}), missing as materialized (
        select case when not e.open or (select count(*) from near) = ${limit} or not exists (select 1 from edge) then 0
          else ${limit} - (select count(*) from near) end as n
      ), names(name, lap, found, step) as (
        select (select min(queue_name) from ${ready} where queue_name >= e.start and queue_name < e.high), 0, 0, 1
        where (select n from missing) > 0
        union all
        select case when n.name is null
            then (select min(queue_name) from ${ready} where queue_name >= e.low and queue_name < e.start)
            else (select min(queue_name) from ${ready}
              where queue_name > n.name and queue_name < case n.lap when 0 then e.high else e.start end) end,
          n.lap + case when n.name is null then 1 else 0 end,
          n.found + case when n.name is not null and ${isOpen(sql`n.name`)} and ${isOfEntry(sql`n.name`)} then 1 else 0 end,
          n.step + 1
        from names n where (n.name is not null or n.lap = 0)
          and n.found < 256 + (select n from missing) and (n.step < 1000 or n.found = 0)
      ), heads as materialized (
        select n.name, h.rank, h.job_id from names n cross join lateral (
          select rank, job_id from ${ready} where ${exactly(sql`queue_name`, sql`n.name`)}
            and (rank, job_id) >= ${placeOf('edge')} order by queue_name, rank, job_id limit 1) h
        where n.name is not null and ${isOpen(sql`n.name`)} and ${isOfEntry(sql`n.name`)}
        order by h.rank, h.job_id limit 50 + 10 * (select n from missing)
      ), last as materialized (
        select rank, job_id from heads order by rank, job_id offset 49 + 10 * (select n from missing) limit 1
      ), far as materialized (
        select c.place from heads h cross join lateral (
          select ctid as place, rank, job_id from ${ready} where ${exactly(sql`queue_name`, sql`h.name`)}
            and (rank, job_id) >= (h.rank, h.job_id) and (rank, job_id) <= ${placeOf('last')}
          order by queue_name, rank, job_id
          limit least(50 + 4 * (select n from missing), greatest((select n from missing), 6000 / (select count(*) from heads)))
        ) c order by c.rank, c.job_id limit 50 + 10 * (select n from missing)
      ), taken as materialized (${locked(sql`far`, sql`(select n from missing)`)})
      select place from named union all select place from near union all select place from taken
    ) r limit ${limit}
  )`
