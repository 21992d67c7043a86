import { type RawBuilder, sql } from 'kysely'
import { pauses, ready } from '../tables.ts'

const isOpen = (name: RawBuilder<unknown>) => sql`not exists (select 1 from ${pauses} p where p.queue_name = ${name})`

/**
 * Whether the entry `of` is the first one that has this name: a job belongs to the first entry that matches its queue.
 */
const isOfEntry = (of: RawBuilder<unknown>, name: RawBuilder<unknown>) =>
  sql`not exists (select 1 from entry b where b.place < ${of} and ${name} >= b.low and ${name} < b.high)`

/**
 * The ready jobs by ranges of queue names, in their order, `limit` at most. The rows read depend on `max`, not on the
 * number of queues or jobs. For each entry:
 *
 * 1. `near`: the jobs that match among the first 1000 + 20 × max of all queues, in their order.
 * 2. If these are too few: `names` of queues, one after the other from `start` and round to it, until 256 + max of them
 *    are open, or 1,000 were passed and one is open. `heads` are the best of the first jobs of these queues behind the
 *    first look (`edge`), and `far` the next jobs of the queues of `heads`.
 *
 * `iif` keeps SQLite from seeking the edge if nothing is missing. There is no LATERAL: a list of keys for each queue,
 * and the row by its key, do the same.
 */
export const fromRanges = (list: unknown, max: unknown, limit: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  with recursive entry(place, low, high, open, start) as materialized (
    select key, value ->> '$.low', value ->> '$.high', value ->> '$.open', value ->> '$.start' from json_each(${list})
  ), edge(rank, job_id) as materialized (
    select rank, job_id from ${ready} order by rank, job_id limit 1 offset 1000 + 20 * ${max}
  ), near(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join ${ready} r
    where e.open and (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from (
        select queue_name, rank, job_id from ${ready} order by rank, job_id limit 1000 + 20 * ${max}) x
      where x.queue_name >= e.low and x.queue_name < e.high
        and ${isOpen(sql`x.queue_name`)} and ${isOfEntry(sql`e.place`, sql`x.queue_name`)} limit ${max})
  ), named(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join ${ready} r
    where not e.open and ${isOpen(sql`e.low`)} and ${isOfEntry(sql`e.place`, sql`e.low`)}
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from ${ready} where queue_name = e.low order by rank, job_id limit ${max})
  ), missing(place, n) as materialized (
    select place, n from (
      select e.place, ${max} - (select count(*) from near o where o.place <= e.place)
        - (select count(*) from named o where o.place <= e.place) as n
      from entry e where e.open)
    where iif(n > 0, exists (select 1 from edge), 0)
  ), names(place, name, lap, found, step) as (
    select e.place, (select min(queue_name) from ${ready} where queue_name >= e.start and queue_name < e.high), 0, 0, 1
    from missing m cross join entry e on e.place = m.place
    union all
    select n.place,
      iif(n.name is null,
        (select min(queue_name) from ${ready} where queue_name >= e.low and queue_name < e.start),
        (select min(queue_name) from ${ready} where queue_name > n.name and queue_name < iif(n.lap = 0, e.high, e.start))),
      n.lap + (n.name is null),
      n.found + (n.name is not null and ${isOpen(sql`n.name`)} and ${isOfEntry(sql`n.place`, sql`n.name`)}), n.step + 1
    from names n cross join entry e on e.place = n.place
    where (n.name is not null or n.lap = 0) and n.found < 256 + ${max} and (n.step < 1000 or n.found = 0)
  ), heads(place, name, rank, job_id) as materialized (
    select n.place, n.name, r.rank, r.job_id from names n cross join ${ready} r
    where n.name is not null and ${isOpen(sql`n.name`)} and ${isOfEntry(sql`n.place`, sql`n.name`)}
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from ${ready}
        where queue_name = n.name and (rank, job_id) >= (select rank, job_id from edge) order by rank, job_id limit 1)
    order by n.place, r.rank, r.job_id limit ${max}
  ), far(place, queue_name, rank, job_id) as materialized (
    select h.place, r.queue_name, r.rank, r.job_id from heads h cross join ${ready} r
    where (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from ${ready}
      where queue_name = h.name and (rank, job_id) >= (h.rank, h.job_id) order by rank, job_id limit ${max})
  )
  select queue_name, rank, job_id from (
    select * from named union all select * from near union all select * from far
  ) order by place, rank, job_id limit ${limit}`
