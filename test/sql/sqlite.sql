-- claim *
-- claim *, at maxInvocations
-- claim *, while a queue is paused
-- claim *, while the backlog is paused
-- claim *, while one of many is paused


      insert into "steadytick_claimed_executions" (job_id, process_id, claim, created_at)
      select p.job_id, ?, cast(? as integer), cast((julianday('now') - 2440587.5) * 86400000 as integer) from (
  select * from (
    select queue_name, rank, job_id from "steadytick_ready_executions" order by rank, job_id
    limit iif(exists (select 1 from "steadytick_pauses"), 0, iif(not exists (
            select 1 from "steadytick_claimed_executions" where process_id = ? and claim = ?)
          and iif(?,
            not exists (select 1 from "steadytick_processes" where id = ?)
              and (select count(*) from "steadytick_processes" where worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))
                < ?,
            exists (select 1 from "steadytick_processes"
              where id = ? and worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))),
          ?, 0)))
  union all
  select * from (
  with recursive entry(place, low, high, open, start) as materialized (
    select key, value ->> '$.low', value ->> '$.high', value ->> '$.open', value ->> '$.start' from json_each(?)
  ), edge(rank, job_id) as materialized (
    select rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1 offset 1000 + 20 * iif(exists (select 1 from "steadytick_pauses"), ?, 0)
  ), near(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where e.open and (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from (
        select queue_name, rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1000 + 20 * iif(exists (select 1 from "steadytick_pauses"), ?, 0)) x
      where x.queue_name >= e.low and x.queue_name < e.high
        and not exists (select 1 from "steadytick_pauses" p where p.queue_name = x.queue_name) and not exists (select 1 from entry b where b.place < e.place and x.queue_name >= b.low and x.queue_name < b.high) limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  ), named(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where not e.open and not exists (select 1 from "steadytick_pauses" p where p.queue_name = e.low) and not exists (select 1 from entry b where b.place < e.place and e.low >= b.low and e.low < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions" where queue_name = e.low order by rank, job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  ), missing(place, n) as materialized (
    select place, n from (
      select e.place, iif(exists (select 1 from "steadytick_pauses"), ?, 0) - (select count(*) from near o where o.place <= e.place)
        - (select count(*) from named o where o.place <= e.place) as n
      from entry e where e.open)
    where iif(n > 0, exists (select 1 from edge), 0)
  ), names(place, name, lap, found, step) as (
    select e.place, (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.start and queue_name < e.high), 0, 0, 1
    from missing m cross join entry e on e.place = m.place
    union all
    select n.place,
      iif(n.name is null,
        (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.low and queue_name < e.start),
        (select min(queue_name) from "steadytick_ready_executions" where queue_name > n.name and queue_name < iif(n.lap = 0, e.high, e.start))),
      n.lap + (n.name is null),
      n.found + (n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)), n.step + 1
    from names n cross join entry e on e.place = n.place
    where (n.name is not null or n.lap = 0) and n.found < 256 + iif(exists (select 1 from "steadytick_pauses"), ?, 0) and (n.step < 1000 or n.found = 0)
  ), heads(place, name, rank, job_id) as materialized (
    select n.place, n.name, r.rank, r.job_id from names n cross join "steadytick_ready_executions" r
    where n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions"
        where queue_name = n.name and (rank, job_id) >= (select rank, job_id from edge) order by rank, job_id limit 1)
    order by n.place, r.rank, r.job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0)
  ), far(place, queue_name, rank, job_id) as materialized (
    select h.place, r.queue_name, r.rank, r.job_id from heads h cross join "steadytick_ready_executions" r
    where (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from "steadytick_ready_executions"
      where queue_name = h.name and (rank, job_id) >= (h.rank, h.job_id) order by rank, job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  )
  select queue_name, rank, job_id from (
    select * from named union all select * from near union all select * from far
  ) order by place, rank, job_id limit iif(not exists (
            select 1 from "steadytick_claimed_executions" where process_id = ? and claim = ?)
          and iif(?,
            not exists (select 1 from "steadytick_processes" where id = ?)
              and (select count(*) from "steadytick_processes" where worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))
                < ?,
            exists (select 1 from "steadytick_processes"
              where id = ? and worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))),
          ?, 0))) p
      where exists (select 1 from "steadytick_jobs" j where j.id = p.job_id)
      on conflict (job_id) do nothing;


      delete from "steadytick_ready_executions" where (queue_name, rank, job_id) in (
        select queue_name, rank, job_id from (
  select * from (
    select queue_name, rank, job_id from "steadytick_ready_executions" order by rank, job_id
    limit iif(exists (select 1 from "steadytick_pauses"), 0, ?))
  union all
  select * from (
  with recursive entry(place, low, high, open, start) as materialized (
    select key, value ->> '$.low', value ->> '$.high', value ->> '$.open', value ->> '$.start' from json_each(?)
  ), edge(rank, job_id) as materialized (
    select rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1 offset 1000 + 20 * iif(exists (select 1 from "steadytick_pauses"), ?, 0)
  ), near(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where e.open and (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from (
        select queue_name, rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1000 + 20 * iif(exists (select 1 from "steadytick_pauses"), ?, 0)) x
      where x.queue_name >= e.low and x.queue_name < e.high
        and not exists (select 1 from "steadytick_pauses" p where p.queue_name = x.queue_name) and not exists (select 1 from entry b where b.place < e.place and x.queue_name >= b.low and x.queue_name < b.high) limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  ), named(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where not e.open and not exists (select 1 from "steadytick_pauses" p where p.queue_name = e.low) and not exists (select 1 from entry b where b.place < e.place and e.low >= b.low and e.low < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions" where queue_name = e.low order by rank, job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  ), missing(place, n) as materialized (
    select place, n from (
      select e.place, iif(exists (select 1 from "steadytick_pauses"), ?, 0) - (select count(*) from near o where o.place <= e.place)
        - (select count(*) from named o where o.place <= e.place) as n
      from entry e where e.open)
    where iif(n > 0, exists (select 1 from edge), 0)
  ), names(place, name, lap, found, step) as (
    select e.place, (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.start and queue_name < e.high), 0, 0, 1
    from missing m cross join entry e on e.place = m.place
    union all
    select n.place,
      iif(n.name is null,
        (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.low and queue_name < e.start),
        (select min(queue_name) from "steadytick_ready_executions" where queue_name > n.name and queue_name < iif(n.lap = 0, e.high, e.start))),
      n.lap + (n.name is null),
      n.found + (n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)), n.step + 1
    from names n cross join entry e on e.place = n.place
    where (n.name is not null or n.lap = 0) and n.found < 256 + iif(exists (select 1 from "steadytick_pauses"), ?, 0) and (n.step < 1000 or n.found = 0)
  ), heads(place, name, rank, job_id) as materialized (
    select n.place, n.name, r.rank, r.job_id from names n cross join "steadytick_ready_executions" r
    where n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions"
        where queue_name = n.name and (rank, job_id) >= (select rank, job_id from edge) order by rank, job_id limit 1)
    order by n.place, r.rank, r.job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0)
  ), far(place, queue_name, rank, job_id) as materialized (
    select h.place, r.queue_name, r.rank, r.job_id from heads h cross join "steadytick_ready_executions" r
    where (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from "steadytick_ready_executions"
      where queue_name = h.name and (rank, job_id) >= (h.rank, h.job_id) order by rank, job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  )
  select queue_name, rank, job_id from (
    select * from named union all select * from near union all select * from far
  ) order by place, rank, job_id limit ?)))
      and (job_id in (select job_id from "steadytick_claimed_executions") or not exists (select 1 from "steadytick_jobs" j where j.id = job_id));


    insert into "steadytick_processes" (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
    select ?, ?, ?, cast((julianday('now') - 2440587.5) * 86400000 as integer), cast((julianday('now') - 2440587.5) * 86400000 as integer), (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer))
    where exists (select 1 from "steadytick_claimed_executions" where process_id = ? and claim = ?)
    on conflict (id) do nothing;


    select j.id, j.queue_name, j.task_name, j.payload, j.payload_meta, j.priority, j.attempts, j.max_attempts,
      j.releases, min(max(j.enqueued_at, -8640000000000000), 8640000000000000) as enqueued_at, min(max(j.scheduled_at, -8640000000000000), 8640000000000000) as scheduled_at, j.concurrency_key, j.concurrency_limit
    from "steadytick_claimed_executions" c cross join "steadytick_jobs" j on j.id = c.job_id
    where c.process_id = ? and c.claim = ?;


-- claim * once more
-- claim *, sent again


      insert into "steadytick_claimed_executions" (job_id, process_id, claim, created_at)
      select p.job_id, ?, cast(? as integer), cast((julianday('now') - 2440587.5) * 86400000 as integer) from (
  select * from (
    select queue_name, rank, job_id from "steadytick_ready_executions" order by rank, job_id
    limit iif(exists (select 1 from "steadytick_pauses"), 0, iif(not exists (
            select 1 from "steadytick_claimed_executions" where process_id = ? and claim = ?)
          and iif(?,
            not exists (select 1 from "steadytick_processes" where id = ?)
              and (select count(*) from "steadytick_processes" where worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))
                < ?,
            exists (select 1 from "steadytick_processes"
              where id = ? and worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))),
          ?, 0)))
  union all
  select * from (
  with recursive entry(place, low, high, open, start) as materialized (
    select key, value ->> '$.low', value ->> '$.high', value ->> '$.open', value ->> '$.start' from json_each(?)
  ), edge(rank, job_id) as materialized (
    select rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1 offset 1000 + 20 * iif(exists (select 1 from "steadytick_pauses"), ?, 0)
  ), near(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where e.open and (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from (
        select queue_name, rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1000 + 20 * iif(exists (select 1 from "steadytick_pauses"), ?, 0)) x
      where x.queue_name >= e.low and x.queue_name < e.high
        and not exists (select 1 from "steadytick_pauses" p where p.queue_name = x.queue_name) and not exists (select 1 from entry b where b.place < e.place and x.queue_name >= b.low and x.queue_name < b.high) limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  ), named(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where not e.open and not exists (select 1 from "steadytick_pauses" p where p.queue_name = e.low) and not exists (select 1 from entry b where b.place < e.place and e.low >= b.low and e.low < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions" where queue_name = e.low order by rank, job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  ), missing(place, n) as materialized (
    select place, n from (
      select e.place, iif(exists (select 1 from "steadytick_pauses"), ?, 0) - (select count(*) from near o where o.place <= e.place)
        - (select count(*) from named o where o.place <= e.place) as n
      from entry e where e.open)
    where iif(n > 0, exists (select 1 from edge), 0)
  ), names(place, name, lap, found, step) as (
    select e.place, (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.start and queue_name < e.high), 0, 0, 1
    from missing m cross join entry e on e.place = m.place
    union all
    select n.place,
      iif(n.name is null,
        (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.low and queue_name < e.start),
        (select min(queue_name) from "steadytick_ready_executions" where queue_name > n.name and queue_name < iif(n.lap = 0, e.high, e.start))),
      n.lap + (n.name is null),
      n.found + (n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)), n.step + 1
    from names n cross join entry e on e.place = n.place
    where (n.name is not null or n.lap = 0) and n.found < 256 + iif(exists (select 1 from "steadytick_pauses"), ?, 0) and (n.step < 1000 or n.found = 0)
  ), heads(place, name, rank, job_id) as materialized (
    select n.place, n.name, r.rank, r.job_id from names n cross join "steadytick_ready_executions" r
    where n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions"
        where queue_name = n.name and (rank, job_id) >= (select rank, job_id from edge) order by rank, job_id limit 1)
    order by n.place, r.rank, r.job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0)
  ), far(place, queue_name, rank, job_id) as materialized (
    select h.place, r.queue_name, r.rank, r.job_id from heads h cross join "steadytick_ready_executions" r
    where (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from "steadytick_ready_executions"
      where queue_name = h.name and (rank, job_id) >= (h.rank, h.job_id) order by rank, job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  )
  select queue_name, rank, job_id from (
    select * from named union all select * from near union all select * from far
  ) order by place, rank, job_id limit iif(not exists (
            select 1 from "steadytick_claimed_executions" where process_id = ? and claim = ?)
          and iif(?,
            not exists (select 1 from "steadytick_processes" where id = ?)
              and (select count(*) from "steadytick_processes" where worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))
                < ?,
            exists (select 1 from "steadytick_processes"
              where id = ? and worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))),
          ?, 0))) p
      where exists (select 1 from "steadytick_jobs" j where j.id = p.job_id)
      on conflict (job_id) do nothing;


      delete from "steadytick_ready_executions" where (queue_name, rank, job_id) in (
        select queue_name, rank, job_id from (
  select * from (
    select queue_name, rank, job_id from "steadytick_ready_executions" order by rank, job_id
    limit iif(exists (select 1 from "steadytick_pauses"), 0, ?))
  union all
  select * from (
  with recursive entry(place, low, high, open, start) as materialized (
    select key, value ->> '$.low', value ->> '$.high', value ->> '$.open', value ->> '$.start' from json_each(?)
  ), edge(rank, job_id) as materialized (
    select rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1 offset 1000 + 20 * iif(exists (select 1 from "steadytick_pauses"), ?, 0)
  ), near(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where e.open and (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from (
        select queue_name, rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1000 + 20 * iif(exists (select 1 from "steadytick_pauses"), ?, 0)) x
      where x.queue_name >= e.low and x.queue_name < e.high
        and not exists (select 1 from "steadytick_pauses" p where p.queue_name = x.queue_name) and not exists (select 1 from entry b where b.place < e.place and x.queue_name >= b.low and x.queue_name < b.high) limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  ), named(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where not e.open and not exists (select 1 from "steadytick_pauses" p where p.queue_name = e.low) and not exists (select 1 from entry b where b.place < e.place and e.low >= b.low and e.low < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions" where queue_name = e.low order by rank, job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  ), missing(place, n) as materialized (
    select place, n from (
      select e.place, iif(exists (select 1 from "steadytick_pauses"), ?, 0) - (select count(*) from near o where o.place <= e.place)
        - (select count(*) from named o where o.place <= e.place) as n
      from entry e where e.open)
    where iif(n > 0, exists (select 1 from edge), 0)
  ), names(place, name, lap, found, step) as (
    select e.place, (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.start and queue_name < e.high), 0, 0, 1
    from missing m cross join entry e on e.place = m.place
    union all
    select n.place,
      iif(n.name is null,
        (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.low and queue_name < e.start),
        (select min(queue_name) from "steadytick_ready_executions" where queue_name > n.name and queue_name < iif(n.lap = 0, e.high, e.start))),
      n.lap + (n.name is null),
      n.found + (n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)), n.step + 1
    from names n cross join entry e on e.place = n.place
    where (n.name is not null or n.lap = 0) and n.found < 256 + iif(exists (select 1 from "steadytick_pauses"), ?, 0) and (n.step < 1000 or n.found = 0)
  ), heads(place, name, rank, job_id) as materialized (
    select n.place, n.name, r.rank, r.job_id from names n cross join "steadytick_ready_executions" r
    where n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions"
        where queue_name = n.name and (rank, job_id) >= (select rank, job_id from edge) order by rank, job_id limit 1)
    order by n.place, r.rank, r.job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0)
  ), far(place, queue_name, rank, job_id) as materialized (
    select h.place, r.queue_name, r.rank, r.job_id from heads h cross join "steadytick_ready_executions" r
    where (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from "steadytick_ready_executions"
      where queue_name = h.name and (rank, job_id) >= (h.rank, h.job_id) order by rank, job_id limit iif(exists (select 1 from "steadytick_pauses"), ?, 0))
  )
  select queue_name, rank, job_id from (
    select * from named union all select * from near union all select * from far
  ) order by place, rank, job_id limit ?)))
      and (job_id in (select job_id from "steadytick_claimed_executions") or not exists (select 1 from "steadytick_jobs" j where j.id = job_id));


    select j.id, j.queue_name, j.task_name, j.payload, j.payload_meta, j.priority, j.attempts, j.max_attempts,
      j.releases, min(max(j.enqueued_at, -8640000000000000), 8640000000000000) as enqueued_at, min(max(j.scheduled_at, -8640000000000000), 8640000000000000) as scheduled_at, j.concurrency_key, j.concurrency_limit
    from "steadytick_claimed_executions" c cross join "steadytick_jobs" j on j.id = c.job_id
    where c.process_id = ? and c.claim = ?;


-- claim names
-- claim names, one of them paused


      insert into "steadytick_claimed_executions" (job_id, process_id, claim, created_at)
      select p.job_id, ?, cast(? as integer), cast((julianday('now') - 2440587.5) * 86400000 as integer) from (
  select r.queue_name, r.rank, r.job_id from (
    select value as name, key as place from json_each(?)
    where not exists (select 1 from "steadytick_pauses" p where p.queue_name = value)
  ) q cross join "steadytick_ready_executions" r
  where (r.queue_name, r.rank, r.job_id) in (
    select queue_name, rank, job_id from "steadytick_ready_executions" where queue_name = q.name
    order by rank, job_id limit ?)
  order by q.place, r.rank, r.job_id limit iif(not exists (
            select 1 from "steadytick_claimed_executions" where process_id = ? and claim = ?)
          and iif(?,
            not exists (select 1 from "steadytick_processes" where id = ?)
              and (select count(*) from "steadytick_processes" where worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))
                < ?,
            exists (select 1 from "steadytick_processes"
              where id = ? and worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))),
          ?, 0)) p
      where exists (select 1 from "steadytick_jobs" j where j.id = p.job_id)
      on conflict (job_id) do nothing;


      delete from "steadytick_ready_executions" where (queue_name, rank, job_id) in (
        select queue_name, rank, job_id from (
  select r.queue_name, r.rank, r.job_id from (
    select value as name, key as place from json_each(?)
    where not exists (select 1 from "steadytick_pauses" p where p.queue_name = value)
  ) q cross join "steadytick_ready_executions" r
  where (r.queue_name, r.rank, r.job_id) in (
    select queue_name, rank, job_id from "steadytick_ready_executions" where queue_name = q.name
    order by rank, job_id limit ?)
  order by q.place, r.rank, r.job_id limit ?))
      and (job_id in (select job_id from "steadytick_claimed_executions") or not exists (select 1 from "steadytick_jobs" j where j.id = job_id));


    insert into "steadytick_processes" (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
    select ?, ?, ?, cast((julianday('now') - 2440587.5) * 86400000 as integer), cast((julianday('now') - 2440587.5) * 86400000 as integer), (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer))
    where exists (select 1 from "steadytick_claimed_executions" where process_id = ? and claim = ?)
    on conflict (id) do nothing;


    select j.id, j.queue_name, j.task_name, j.payload, j.payload_meta, j.priority, j.attempts, j.max_attempts,
      j.releases, min(max(j.enqueued_at, -8640000000000000), 8640000000000000) as enqueued_at, min(max(j.scheduled_at, -8640000000000000), 8640000000000000) as scheduled_at, j.concurrency_key, j.concurrency_limit
    from "steadytick_claimed_executions" c cross join "steadytick_jobs" j on j.id = c.job_id
    where c.process_id = ? and c.claim = ?;


-- claim prefixes
-- claim prefixes, one of them paused
-- claim a prefix, behind the backlog of another queue
-- claim a prefix and then the rest


      insert into "steadytick_claimed_executions" (job_id, process_id, claim, created_at)
      select p.job_id, ?, cast(? as integer), cast((julianday('now') - 2440587.5) * 86400000 as integer) from (
  with recursive entry(place, low, high, open, start) as materialized (
    select key, value ->> '$.low', value ->> '$.high', value ->> '$.open', value ->> '$.start' from json_each(?)
  ), edge(rank, job_id) as materialized (
    select rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1 offset 1000 + 20 * ?
  ), near(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where e.open and (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from (
        select queue_name, rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1000 + 20 * ?) x
      where x.queue_name >= e.low and x.queue_name < e.high
        and not exists (select 1 from "steadytick_pauses" p where p.queue_name = x.queue_name) and not exists (select 1 from entry b where b.place < e.place and x.queue_name >= b.low and x.queue_name < b.high) limit ?)
  ), named(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where not e.open and not exists (select 1 from "steadytick_pauses" p where p.queue_name = e.low) and not exists (select 1 from entry b where b.place < e.place and e.low >= b.low and e.low < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions" where queue_name = e.low order by rank, job_id limit ?)
  ), missing(place, n) as materialized (
    select place, n from (
      select e.place, ? - (select count(*) from near o where o.place <= e.place)
        - (select count(*) from named o where o.place <= e.place) as n
      from entry e where e.open)
    where iif(n > 0, exists (select 1 from edge), 0)
  ), names(place, name, lap, found, step) as (
    select e.place, (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.start and queue_name < e.high), 0, 0, 1
    from missing m cross join entry e on e.place = m.place
    union all
    select n.place,
      iif(n.name is null,
        (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.low and queue_name < e.start),
        (select min(queue_name) from "steadytick_ready_executions" where queue_name > n.name and queue_name < iif(n.lap = 0, e.high, e.start))),
      n.lap + (n.name is null),
      n.found + (n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)), n.step + 1
    from names n cross join entry e on e.place = n.place
    where (n.name is not null or n.lap = 0) and n.found < 256 + ? and (n.step < 1000 or n.found = 0)
  ), heads(place, name, rank, job_id) as materialized (
    select n.place, n.name, r.rank, r.job_id from names n cross join "steadytick_ready_executions" r
    where n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions"
        where queue_name = n.name and (rank, job_id) >= (select rank, job_id from edge) order by rank, job_id limit 1)
    order by n.place, r.rank, r.job_id limit ?
  ), far(place, queue_name, rank, job_id) as materialized (
    select h.place, r.queue_name, r.rank, r.job_id from heads h cross join "steadytick_ready_executions" r
    where (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from "steadytick_ready_executions"
      where queue_name = h.name and (rank, job_id) >= (h.rank, h.job_id) order by rank, job_id limit ?)
  )
  select queue_name, rank, job_id from (
    select * from named union all select * from near union all select * from far
  ) order by place, rank, job_id limit iif(not exists (
            select 1 from "steadytick_claimed_executions" where process_id = ? and claim = ?)
          and iif(?,
            not exists (select 1 from "steadytick_processes" where id = ?)
              and (select count(*) from "steadytick_processes" where worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))
                < ?,
            exists (select 1 from "steadytick_processes"
              where id = ? and worker = ? and lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer))),
          ?, 0)) p
      where exists (select 1 from "steadytick_jobs" j where j.id = p.job_id)
      on conflict (job_id) do nothing;


      delete from "steadytick_ready_executions" where (queue_name, rank, job_id) in (
        select queue_name, rank, job_id from (
  with recursive entry(place, low, high, open, start) as materialized (
    select key, value ->> '$.low', value ->> '$.high', value ->> '$.open', value ->> '$.start' from json_each(?)
  ), edge(rank, job_id) as materialized (
    select rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1 offset 1000 + 20 * ?
  ), near(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where e.open and (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from (
        select queue_name, rank, job_id from "steadytick_ready_executions" order by rank, job_id limit 1000 + 20 * ?) x
      where x.queue_name >= e.low and x.queue_name < e.high
        and not exists (select 1 from "steadytick_pauses" p where p.queue_name = x.queue_name) and not exists (select 1 from entry b where b.place < e.place and x.queue_name >= b.low and x.queue_name < b.high) limit ?)
  ), named(place, queue_name, rank, job_id) as materialized (
    select e.place, r.queue_name, r.rank, r.job_id from entry e cross join "steadytick_ready_executions" r
    where not e.open and not exists (select 1 from "steadytick_pauses" p where p.queue_name = e.low) and not exists (select 1 from entry b where b.place < e.place and e.low >= b.low and e.low < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions" where queue_name = e.low order by rank, job_id limit ?)
  ), missing(place, n) as materialized (
    select place, n from (
      select e.place, ? - (select count(*) from near o where o.place <= e.place)
        - (select count(*) from named o where o.place <= e.place) as n
      from entry e where e.open)
    where iif(n > 0, exists (select 1 from edge), 0)
  ), names(place, name, lap, found, step) as (
    select e.place, (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.start and queue_name < e.high), 0, 0, 1
    from missing m cross join entry e on e.place = m.place
    union all
    select n.place,
      iif(n.name is null,
        (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.low and queue_name < e.start),
        (select min(queue_name) from "steadytick_ready_executions" where queue_name > n.name and queue_name < iif(n.lap = 0, e.high, e.start))),
      n.lap + (n.name is null),
      n.found + (n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)), n.step + 1
    from names n cross join entry e on e.place = n.place
    where (n.name is not null or n.lap = 0) and n.found < 256 + ? and (n.step < 1000 or n.found = 0)
  ), heads(place, name, rank, job_id) as materialized (
    select n.place, n.name, r.rank, r.job_id from names n cross join "steadytick_ready_executions" r
    where n.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = n.name) and not exists (select 1 from entry b where b.place < n.place and n.name >= b.low and n.name < b.high)
      and (r.queue_name, r.rank, r.job_id) in (
        select queue_name, rank, job_id from "steadytick_ready_executions"
        where queue_name = n.name and (rank, job_id) >= (select rank, job_id from edge) order by rank, job_id limit 1)
    order by n.place, r.rank, r.job_id limit ?
  ), far(place, queue_name, rank, job_id) as materialized (
    select h.place, r.queue_name, r.rank, r.job_id from heads h cross join "steadytick_ready_executions" r
    where (r.queue_name, r.rank, r.job_id) in (
      select queue_name, rank, job_id from "steadytick_ready_executions"
      where queue_name = h.name and (rank, job_id) >= (h.rank, h.job_id) order by rank, job_id limit ?)
  )
  select queue_name, rank, job_id from (
    select * from named union all select * from near union all select * from far
  ) order by place, rank, job_id limit ?))
      and (job_id in (select job_id from "steadytick_claimed_executions") or not exists (select 1 from "steadytick_jobs" j where j.id = job_id));


    insert into "steadytick_processes" (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
    select ?, ?, ?, cast((julianday('now') - 2440587.5) * 86400000 as integer), cast((julianday('now') - 2440587.5) * 86400000 as integer), (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer))
    where exists (select 1 from "steadytick_claimed_executions" where process_id = ? and claim = ?)
    on conflict (id) do nothing;


    select j.id, j.queue_name, j.task_name, j.payload, j.payload_meta, j.priority, j.attempts, j.max_attempts,
      j.releases, min(max(j.enqueued_at, -8640000000000000), 8640000000000000) as enqueued_at, min(max(j.scheduled_at, -8640000000000000), 8640000000000000) as scheduled_at, j.concurrency_key, j.concurrency_limit
    from "steadytick_claimed_executions" c cross join "steadytick_jobs" j on j.id = c.job_id
    where c.process_id = ? and c.claim = ?;


-- look
-- look for workers
-- look for workers, while a queue is paused
-- look for workers of many queues


    with recursive entry(worker, low, high) as (
      select worker, low, high from (select value ->> '$.worker' as worker, value ->> '$.low' as low, value ->> '$.high' as high from json_each(?)) x
    ), seen(worker, high, name) as (
      select e.worker, e.high, (select min(queue_name) from "steadytick_ready_executions" where queue_name >= e.low and queue_name < e.high)
      from entry e
      union all
      select s.worker, s.high, (select min(queue_name) from "steadytick_ready_executions" where queue_name > s.name and queue_name < s.high)
      from seen s where exists (select 1 from "steadytick_pauses" p where p.queue_name = s.name)
    ), busy(worker) as (
      select distinct s.worker from seen s
      where s.name is not null and not exists (select 1 from "steadytick_pauses" p where p.queue_name = s.name)
    ), own_keys as materialized (select name from (select value ->> '$.name' as name from json_each(?)) x
    ), own_tasks as materialized (select name from (select value ->> '$.name' as name from json_each(?)) x
    ), facts as (
      select (select (min(scheduled_at) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) from "steadytick_scheduled_executions") as next_due_ms,
        case when exists (select 1 from "steadytick_processes" where lease_expires_at <= cast((julianday('now') - 2440587.5) * 86400000 as integer))
          or exists (select 1 from "steadytick_claimed_executions" c where not exists (select 1 from "steadytick_processes" p where p.id = c.process_id))
          then 1 else 0 end as lost,
        case when exists (select 1 from "steadytick_recurring_tasks" t where t.next_run_at <= cast((julianday('now') - 2440587.5) * 86400000 as integer) and 
  t.task_name in (select name from own_tasks x) and (not t.static or t.key in (select name from own_keys x))
    and (t.removed_at is null or t.removed_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(-604800000 as integer))))
          then 1 else 0 end as occurrence_due,
        (select (t.next_run_at - cast((julianday('now') - 2440587.5) * 86400000 as integer)) from "steadytick_recurring_tasks" t
          where t.next_run_at > cast((julianday('now') - 2440587.5) * 86400000 as integer) and 
  t.task_name in (select name from own_tasks x) and (not t.static or t.key in (select name from own_keys x))
    and (t.removed_at is null or t.removed_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(-604800000 as integer))) order by t.next_run_at limit 1
        ) as next_occurrence_ms,
        case when exists (select 1 from "steadytick_recurring_tasks" where static and removed_at is null) then 1 else 0 end
          as has_static_tasks,
        (select -(seen_at - cast((julianday('now') - 2440587.5) * 86400000 as integer)) from "steadytick_deployments" where fingerprint = ?) as synchronized_ms_ago,
        (select -(last_run_at - cast((julianday('now') - 2440587.5) * 86400000 as integer)) from "steadytick_ticks" where actor = 'maintain') as maintained_ms_ago,
        (select -(last_run_at - cast((julianday('now') - 2440587.5) * 86400000 as integer)) from "steadytick_ticks" where actor = 'tick') as ticked_ms_ago,
        (select max(version) from "steadytick_schema") as schema_version,
  (select max(serves_from) from "steadytick_schema") as serves_from
    )
    select facts.*, busy.worker from facts left join busy on true;


-- enqueue
-- enqueue, limited, in a transaction


    insert into "steadytick_jobs" (id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, enqueued_at, scheduled_at)
    select value ->> '$.id', value ->> '$.queue_name', value ->> '$.task_name', value -> '$.payload', value -> '$.payload_meta', value ->> '$.priority', value ->> '$.max_attempts', value ->> '$.on_lost', value ->> '$.concurrency_key', value ->> '$.concurrency_limit', value ->> '$.concurrency_duration_ms', value ->> '$.on_conflict', value ->> '$.recurring_key', value ->> '$.recurring_at', cast((julianday('now') - 2440587.5) * 86400000 as integer), coalesce(value ->> '$.run_at', cast((julianday('now') - 2440587.5) * 86400000 as integer) + (value ->> '$.delay'))
    from json_each(?) ;


  insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
  select j.id, j.queue_name, -j.priority, j.enqueued_at from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.scheduled_at <= j.enqueued_at and j.concurrency_key is null ;


  insert into "steadytick_scheduled_executions" (job_id, queue_name, rank, scheduled_at)
  select j.id, j.queue_name, -j.priority, j.scheduled_at from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where (j.scheduled_at > j.enqueued_at or j.concurrency_key is not null) 
  returning job_id, 'scheduled' as state;


-- dispatch 20
-- dispatch 500


    insert into "steadytick_ticks" (actor, last_run_at, report)
    select ?, cast((julianday('now') - 2440587.5) * 86400000 as integer), '{}' where exists (
  select scheduled_at, rank, job_id from "steadytick_scheduled_executions" where scheduled_at <= cast((julianday('now') - 2440587.5) * 86400000 as integer)
  order by scheduled_at, rank, job_id limit ?);


  insert into "steadytick_semaphores" as s (key, concurrency_limit, job_id)
  select j.concurrency_key, j.concurrency_limit, max(j.id) from 
  "steadytick_ticks" t cross join (
  select scheduled_at, rank, job_id from "steadytick_scheduled_executions" where scheduled_at <= (select last_run_at from "steadytick_ticks" where actor = ?)
  order by scheduled_at, rank, job_id limit ?) d on t.actor = ? cross join "steadytick_jobs" j on j.id = d.job_id
  where j.concurrency_key is not null group by j.concurrency_key
  on conflict (key) do update set concurrency_limit = excluded.concurrency_limit, job_id = excluded.job_id
  where excluded.job_id > s.job_id and excluded.concurrency_limit <> s.concurrency_limit;


  with candidate as materialized (
    select j.id, j.concurrency_key, j.concurrency_duration_ms,
      row_number() over (partition by j.concurrency_key order by j.priority desc, j.id) as place
    from 
  "steadytick_ticks" t cross join (
  select scheduled_at, rank, job_id from "steadytick_scheduled_executions" where scheduled_at <= (select last_run_at from "steadytick_ticks" where actor = ?)
  order by scheduled_at, rank, job_id limit ?) d on t.actor = ? cross join "steadytick_jobs" j on j.id = d.job_id where j.concurrency_key is not null
  ), open as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
    from candidate c cross join "steadytick_semaphores" s on s.key = c.concurrency_key
    where c.place = 1 and not exists (select 1 from "steadytick_blocked_executions" b where b.concurrency_key = s.key)
  )
  insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
  select c.id, c.concurrency_key, c.concurrency_duration_ms
  from open o cross join candidate c on c.concurrency_key = o.key and c.place <= o.free;


        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select j.id, j.queue_name, -j.priority, t.last_run_at from 
  "steadytick_ticks" t cross join (
  select scheduled_at, rank, job_id from "steadytick_scheduled_executions" where scheduled_at <= (select last_run_at from "steadytick_ticks" where actor = ?)
  order by scheduled_at, rank, job_id limit ?) d on t.actor = ? cross join "steadytick_jobs" j on j.id = d.job_id where (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id));


        insert into "steadytick_blocked_executions" (job_id, queue_name, rank, concurrency_key, created_at)
        select j.id, j.queue_name, -j.priority, j.concurrency_key, t.last_run_at from 
  "steadytick_ticks" t cross join (
  select scheduled_at, rank, job_id from "steadytick_scheduled_executions" where scheduled_at <= (select last_run_at from "steadytick_ticks" where actor = ?)
  order by scheduled_at, rank, job_id limit ?) d on t.actor = ? cross join "steadytick_jobs" j on j.id = d.job_id
        where not (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id)) and j.on_conflict = 'block'
        returning job_id, 'blocked' as state, null as held_by;


    with x as materialized (
      select j.id, t.last_run_at as at from 
  "steadytick_ticks" t cross join (
  select scheduled_at, rank, job_id from "steadytick_scheduled_executions" where scheduled_at <= (select last_run_at from "steadytick_ticks" where actor = ?)
  order by scheduled_at, rank, job_id limit ?) d on t.actor = ? cross join "steadytick_jobs" j on j.id = d.job_id where not (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id)) and j.on_conflict = 'skip'
    )
    update "steadytick_jobs" as j set finished_at = x.at, outcome = 'skipped' from x where j.id = x.id;

delete from "steadytick_scheduled_executions" where (scheduled_at, rank, job_id) in (
  select scheduled_at, rank, job_id from "steadytick_scheduled_executions" where scheduled_at <= (select last_run_at from "steadytick_ticks" where actor = ?)
  order by scheduled_at, rank, job_id limit ?);

delete from "steadytick_ticks" where actor = ?;


-- prune


    update "steadytick_processes" set pruned_by = ? where id in (
      select id from "steadytick_processes" where lease_expires_at <= cast((julianday('now') - 2440587.5) * 86400000 as integer) order by lease_expires_at limit ?);


    with x as materialized (
  select c.job_id, c.created_at, c.process_id, c.cancel_requested, p.name, p.last_heartbeat_at
  from "steadytick_claimed_executions" c left join "steadytick_processes" p on p.id = c.process_id where p.id is null or p.pruned_by = ?)
    update "steadytick_jobs" set
      losses = losses + 1,
      started_at = x.created_at,
      scheduled_at = iif(not x.cancel_requested and on_lost = 'retry' and (losses + 1) < 3, cast((julianday('now') - 2440587.5) * 86400000 as integer), scheduled_at),
      finished_at = iif(x.cancel_requested, cast((julianday('now') - 2440587.5) * 86400000 as integer), null),
      outcome = iif(x.cancel_requested, 'cancelled', null),
      errors = json_insert(
    iif(json_array_length(iif(json_valid(errors) and json_type(errors) = 'array', errors, '[]')) >= 10, json_remove(iif(json_valid(errors) and json_type(errors) = 'array', errors, '[]'), '$[0]'), iif(json_valid(errors) and json_type(errors) = 'array', errors, '[]')),
    '$[#]', json_set(json_object('name', 'ProcessPrunedError', 'message', iif(x.name is null,
            'The invocation ' || x.process_id || ' that was performing this job no longer exists.',
            'The invocation ' || x.process_id || ' (' || x.name || ') that was performing this job was lost: its lease expired, '
              || 'and its last heartbeat was at ' || strftime('%Y-%m-%dT%H:%M:%SZ', x.last_heartbeat_at / 1000, 'unixepoch')
              || '. It was killed, could not reach the database, or stood still: a handler that computes without a pause keeps its process from renewing the lease.')
              || case when on_lost = 'retry' and (losses + 1) >= 3
    then ' ' || (losses + 1) || ' invocations were lost with this job, so it does not run again by itself: find out what ends them, then retry it.'
    else '' end,
          'stack', null, 'attempt', attempts + 1), '$.at', cast((julianday('now') - 2440587.5) * 86400000 as integer)))
    from x where id = x.job_id;


    insert into "steadytick_scheduled_executions" (job_id, queue_name, rank, scheduled_at)
    select j.id, j.queue_name, -j.priority, j.scheduled_at from (
  select c.job_id, c.created_at, c.process_id, c.cancel_requested, p.name, p.last_heartbeat_at
  from "steadytick_claimed_executions" c left join "steadytick_processes" p on p.id = c.process_id where p.id is null or p.pruned_by = ?) x cross join "steadytick_jobs" j on j.id = x.job_id
    where not x.cancel_requested and j.on_lost = 'retry' and j.losses < 3;


    insert into "steadytick_failed_executions" (job_id, fingerprint, error, created_at)
    select j.id, j.task_name || '/' || ?, j.errors -> '$[#-1]', cast((julianday('now') - 2440587.5) * 86400000 as integer) from (
  select c.job_id, c.created_at, c.process_id, c.cancel_requested, p.name, p.last_heartbeat_at
  from "steadytick_claimed_executions" c left join "steadytick_processes" p on p.id = c.process_id where p.id is null or p.pruned_by = ?) x cross join "steadytick_jobs" j on j.id = x.job_id
    where not x.cancel_requested and not (j.on_lost = 'retry' and j.losses < 3)
    on conflict (job_id) do update set fingerprint = excluded.fingerprint, error = excluded.error, created_at = excluded.created_at;


    delete from "steadytick_permits" where (concurrency_key, job_id) in (
      select j.concurrency_key, j.id from (
  select c.job_id, c.created_at, c.process_id, c.cancel_requested, p.name, p.last_heartbeat_at
  from "steadytick_claimed_executions" c left join "steadytick_processes" p on p.id = c.process_id where p.id is null or p.pruned_by = ?) x cross join "steadytick_jobs" j on j.id = x.job_id
      where j.concurrency_key is not null);


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from (
  select c.job_id, c.created_at, c.process_id, c.cancel_requested, p.name, p.last_heartbeat_at
  from "steadytick_claimed_executions" c left join "steadytick_processes" p on p.id = c.process_id where p.id is null or p.pruned_by = ?) x cross join "steadytick_jobs" j on j.id = x.job_id
  where j.concurrency_key is not null group by j.concurrency_key), open as materialized (
          select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
          from k cross join "steadytick_semaphores" s on s.key = k.key
        )
        insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
        select j.id, o.key, j.concurrency_duration_ms
        from open o cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = o.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f on o.free > 0 and f.key < o.free
        cross join "steadytick_jobs" j on j.id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from (
  select c.job_id, c.created_at, c.process_id, c.cancel_requested, p.name, p.last_heartbeat_at
  from "steadytick_claimed_executions" c left join "steadytick_processes" p on p.id = c.process_id where p.id is null or p.pruned_by = ?) x cross join "steadytick_jobs" j on j.id = x.job_id
  where j.concurrency_key is not null group by j.concurrency_key)
        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select f.value ->> '$.id', f.value ->> '$.queue', f.value ->> '$.rank', cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from (
  select c.job_id, c.created_at, c.process_id, c.cancel_requested, p.name, p.last_heartbeat_at
  from "steadytick_claimed_executions" c left join "steadytick_processes" p on p.id = c.process_id where p.id is null or p.pruned_by = ?) x cross join "steadytick_jobs" j on j.id = x.job_id
  where j.concurrency_key is not null group by j.concurrency_key), x as materialized (
          select k.key, f.value ->> '$.rank' as rank, f.value ->> '$.id' as id from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id'
        )
        delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (select key, rank, id from x)
          and job_id between (select min(id) from x) and (select max(id) from x);

delete from "steadytick_processes" where pruned_by = ?;


    delete from "steadytick_claimed_executions" where not exists (select 1 from "steadytick_processes" p where p.id = process_id)
    returning job_id, process_id,
      (select queue_name from "steadytick_jobs" j where j.id = job_id) as queue_name,
      (select task_name from "steadytick_jobs" j where j.id = job_id) as task_name,
      iif(cancel_requested, 'cancelled', (
        select iif(j.on_lost = 'retry' and j.losses < 3, 'retried', 'failed') from "steadytick_jobs" j where j.id = job_id)) as kind;


-- clear 20 finished
-- clear 500 finished


    delete from "steadytick_jobs" where id in (
      select id from "steadytick_jobs" where finished_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)) order by finished_at limit ?);


-- clear 20 failed
-- clear 500 failed


    delete from "steadytick_jobs" where id in (select job_id from "steadytick_failed_executions" where job_id in (select job_id from "steadytick_failed_executions" order by created_at, job_id limit ?)
      and +created_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)));


    delete from "steadytick_failed_executions" where job_id in (select job_id from "steadytick_failed_executions" order by created_at, job_id limit ?)
      and not exists (select 1 from "steadytick_jobs" j where j.id = job_id);


-- settle


    with x as materialized (
      select c.job_id, c.created_at as claimed_at,
        iif(c.cancel_requested and i.value ->> '$.kind' in ('retried', 'released'), 'cancelled', i.value ->> '$.kind') as kind, i.value -> '$.result' as result,
        i.value -> '$.result_meta' as result_meta, i.value -> '$.progress' as progress,
        i.value -> '$.error' as error, i.value ->> '$.delayMs' as delay, i.value ->> '$.spent' as spent,
        i.value ->> '$.whole' as whole
      from 
  json_each(?) i cross join "steadytick_claimed_executions" c
    on c.job_id = i.value ->> '$.id' and c.process_id = ? and c.claim = i.value ->> '$.claim'
    )
    update "steadytick_jobs" as j set
      attempts = j.attempts + x.spent,
      releases = j.releases + x.whole,
      started_at = iif(x.spent, x.claimed_at, j.started_at),
      finished_at = iif(x.kind in ('succeeded', 'cancelled'), cast((julianday('now') - 2440587.5) * 86400000 as integer), null),
      outcome = iif(x.kind in ('succeeded', 'cancelled'), x.kind, null),
      result = x.result,
      result_meta = x.result_meta,
      progress = coalesce(x.progress, j.progress),
      scheduled_at = iif(x.kind = 'retried', cast((julianday('now') - 2440587.5) * 86400000 as integer) + x.delay, j.scheduled_at),
      errors = iif(x.error is null, j.errors, json_insert(
    iif(json_array_length(iif(json_valid(j.errors) and json_type(j.errors) = 'array', j.errors, '[]')) >= 10, json_remove(iif(json_valid(j.errors) and json_type(j.errors) = 'array', j.errors, '[]'), '$[0]'), iif(json_valid(j.errors) and json_type(j.errors) = 'array', j.errors, '[]')),
    '$[#]', json_set(x.error, '$.at', cast((julianday('now') - 2440587.5) * 86400000 as integer))))
    from x where j.id = x.job_id;


    insert into "steadytick_scheduled_executions" (job_id, queue_name, rank, scheduled_at)
    select j.id, j.queue_name, -j.priority, j.scheduled_at from 
  json_each(?) i cross join "steadytick_claimed_executions" c
    on c.job_id = i.value ->> '$.id' and c.process_id = ? and c.claim = i.value ->> '$.claim' cross join "steadytick_jobs" j on j.id = c.job_id
    where not c.cancel_requested;


    insert into "steadytick_failed_executions" (job_id, fingerprint, error, created_at)
    select j.id, j.task_name || '/' || (i.value ->> '$.fingerprint'), j.errors -> '$[#-1]', cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  json_each(?) i cross join "steadytick_claimed_executions" c
    on c.job_id = i.value ->> '$.id' and c.process_id = ? and c.claim = i.value ->> '$.claim' cross join "steadytick_jobs" j on j.id = c.job_id
    where true on conflict (job_id) do update set fingerprint = excluded.fingerprint, error = excluded.error, created_at = excluded.created_at;


    insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
    select j.id, j.queue_name, -j.priority, cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  json_each(?) i cross join "steadytick_claimed_executions" c
    on c.job_id = i.value ->> '$.id' and c.process_id = ? and c.claim = i.value ->> '$.claim' cross join "steadytick_jobs" j on j.id = c.job_id
    where not c.cancel_requested on conflict do nothing;


    delete from "steadytick_claimed_executions" where process_id = ?
      and (job_id, claim) in (select value ->> '$.id', value ->> '$.claim' from json_each(?))
    returning job_id, cancel_requested;


-- renew, with progress


    with x as materialized (
      select c.job_id, i.value -> '$.progress' as progress from json_each(?) i cross join "steadytick_claimed_executions" c
        on c.job_id = i.value ->> '$.id' and c.process_id = ?
    )
    update "steadytick_jobs" as j set progress = x.progress from x where j.id = x.job_id;


    update "steadytick_processes" set last_heartbeat_at = cast((julianday('now') - 2440587.5) * 86400000 as integer), lease_expires_at = (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)) where id = ?;


    select p.id, c.job_id from "steadytick_processes" p left join "steadytick_claimed_executions" c on c.process_id = p.id and c.cancel_requested
    where p.id = ?;


-- bring leases back


    update "steadytick_processes" set lease_expires_at = cast((julianday('now') - 2440587.5) * 86400000 as integer) + (lease_expires_at - last_heartbeat_at), last_heartbeat_at = cast((julianday('now') - 2440587.5) * 86400000 as integer)
    where last_heartbeat_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(3600000 as integer));


-- listen


    select p.id, c.job_id from "steadytick_processes" p left join "steadytick_claimed_executions" c on c.process_id = p.id and c.cancel_requested
    where p.id = ?;


-- retireWithTombstone


    insert into "steadytick_processes" (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
    values (?, '', 'ended', cast((julianday('now') - 2440587.5) * 86400000 as integer), cast((julianday('now') - 2440587.5) * 86400000 as integer), (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)))
    on conflict (id) do update set worker = excluded.worker, lease_expires_at = excluded.lease_expires_at
    where not exists (select 1 from "steadytick_claimed_executions" where process_id = ?);


-- retire


    delete from "steadytick_processes"
    where id = ? and not exists (select 1 from "steadytick_claimed_executions" where process_id = ?);


-- enqueue, limited


    insert into "steadytick_jobs" (id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, enqueued_at, scheduled_at)
    select value ->> '$.id', value ->> '$.queue_name', value ->> '$.task_name', value -> '$.payload', value -> '$.payload_meta', value ->> '$.priority', value ->> '$.max_attempts', value ->> '$.on_lost', value ->> '$.concurrency_key', value ->> '$.concurrency_limit', value ->> '$.concurrency_duration_ms', value ->> '$.on_conflict', value ->> '$.recurring_key', value ->> '$.recurring_at', cast((julianday('now') - 2440587.5) * 86400000 as integer), coalesce(value ->> '$.run_at', cast((julianday('now') - 2440587.5) * 86400000 as integer) + (value ->> '$.delay'))
    from json_each(?) ;


  insert into "steadytick_semaphores" as s (key, concurrency_limit, job_id)
  select j.concurrency_key, j.concurrency_limit, max(j.id) from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value and j.scheduled_at <= j.enqueued_at
  where j.concurrency_key is not null group by j.concurrency_key
  on conflict (key) do update set concurrency_limit = excluded.concurrency_limit, job_id = excluded.job_id
  where excluded.job_id > s.job_id and excluded.concurrency_limit <> s.concurrency_limit;


  with candidate as materialized (
    select j.id, j.concurrency_key, j.concurrency_duration_ms,
      row_number() over (partition by j.concurrency_key order by j.priority desc, j.id) as place
    from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value and j.scheduled_at <= j.enqueued_at where j.concurrency_key is not null
  ), open as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
    from candidate c cross join "steadytick_semaphores" s on s.key = c.concurrency_key
    where c.place = 1 and not exists (select 1 from "steadytick_blocked_executions" b where b.concurrency_key = s.key)
  )
  insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
  select c.id, c.concurrency_key, c.concurrency_duration_ms
  from open o cross join candidate c on c.concurrency_key = o.key and c.place <= o.free;


        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select j.id, j.queue_name, -j.priority, j.enqueued_at from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value and j.scheduled_at <= j.enqueued_at where (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id));


    insert into "steadytick_scheduled_executions" (job_id, queue_name, rank, scheduled_at)
    select j.id, j.queue_name, -j.priority, j.scheduled_at from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value where j.scheduled_at > j.enqueued_at;


        insert into "steadytick_blocked_executions" (job_id, queue_name, rank, concurrency_key, created_at)
        select j.id, j.queue_name, -j.priority, j.concurrency_key, j.enqueued_at from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value and j.scheduled_at <= j.enqueued_at
        where not (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id)) and j.on_conflict = 'block'
        returning job_id, 'blocked' as state, null as held_by;


    select i.value ->> '$.id' as job_id,
      case when j.id is null then 'skipped' when b.job_id is null then 'scheduled' else 'blocked' end as state,
      iif(j.id is null, (select json_group_array(job_id) from (
        select h.job_id from "steadytick_permits" h where h.concurrency_key = i.value ->> '$.key' limit 10)), null) as held_by
    from json_each(?) i left join "steadytick_jobs" j on j.id = i.value ->> '$.id'
    left join "steadytick_blocked_executions" b on b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id
    where j.id is null or b.job_id is not null or j.scheduled_at > j.enqueued_at;


-- settle, limited


    with x as materialized (
      select c.job_id, c.created_at as claimed_at,
        iif(c.cancel_requested and i.value ->> '$.kind' in ('retried', 'released'), 'cancelled', i.value ->> '$.kind') as kind, i.value -> '$.result' as result,
        i.value -> '$.result_meta' as result_meta, i.value -> '$.progress' as progress,
        i.value -> '$.error' as error, i.value ->> '$.delayMs' as delay, i.value ->> '$.spent' as spent,
        i.value ->> '$.whole' as whole
      from 
  json_each(?) i cross join "steadytick_claimed_executions" c
    on c.job_id = i.value ->> '$.id' and c.process_id = ? and c.claim = i.value ->> '$.claim'
    )
    update "steadytick_jobs" as j set
      attempts = j.attempts + x.spent,
      releases = j.releases + x.whole,
      started_at = iif(x.spent, x.claimed_at, j.started_at),
      finished_at = iif(x.kind in ('succeeded', 'cancelled'), cast((julianday('now') - 2440587.5) * 86400000 as integer), null),
      outcome = iif(x.kind in ('succeeded', 'cancelled'), x.kind, null),
      result = x.result,
      result_meta = x.result_meta,
      progress = coalesce(x.progress, j.progress),
      scheduled_at = iif(x.kind = 'released' and not (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id)), cast((julianday('now') - 2440587.5) * 86400000 as integer), iif(x.kind = 'retried', cast((julianday('now') - 2440587.5) * 86400000 as integer) + x.delay, j.scheduled_at)),
      errors = iif(x.error is null, j.errors, json_insert(
    iif(json_array_length(iif(json_valid(j.errors) and json_type(j.errors) = 'array', j.errors, '[]')) >= 10, json_remove(iif(json_valid(j.errors) and json_type(j.errors) = 'array', j.errors, '[]'), '$[0]'), iif(json_valid(j.errors) and json_type(j.errors) = 'array', j.errors, '[]')),
    '$[#]', json_set(x.error, '$.at', cast((julianday('now') - 2440587.5) * 86400000 as integer))))
    from x where j.id = x.job_id;


    insert into "steadytick_scheduled_executions" (job_id, queue_name, rank, scheduled_at)
    select j.id, j.queue_name, -j.priority, j.scheduled_at from 
  json_each(?) i cross join "steadytick_claimed_executions" c
    on c.job_id = i.value ->> '$.id' and c.process_id = ? and c.claim = i.value ->> '$.claim' cross join "steadytick_jobs" j on j.id = c.job_id
    where not c.cancel_requested;


    insert into "steadytick_failed_executions" (job_id, fingerprint, error, created_at)
    select j.id, j.task_name || '/' || (i.value ->> '$.fingerprint'), j.errors -> '$[#-1]', cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  json_each(?) i cross join "steadytick_claimed_executions" c
    on c.job_id = i.value ->> '$.id' and c.process_id = ? and c.claim = i.value ->> '$.claim' cross join "steadytick_jobs" j on j.id = c.job_id
    where true on conflict (job_id) do update set fingerprint = excluded.fingerprint, error = excluded.error, created_at = excluded.created_at;


    insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
    select j.id, j.queue_name, -j.priority, cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  json_each(?) i cross join "steadytick_claimed_executions" c
    on c.job_id = i.value ->> '$.id' and c.process_id = ? and c.claim = i.value ->> '$.claim' cross join "steadytick_jobs" j on j.id = c.job_id
    where not c.cancel_requested and (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id)) on conflict do nothing;


    insert into "steadytick_scheduled_executions" (job_id, queue_name, rank, scheduled_at)
    select j.id, j.queue_name, -j.priority, j.scheduled_at from 
  json_each(?) i cross join "steadytick_claimed_executions" c
    on c.job_id = i.value ->> '$.id' and c.process_id = ? and c.claim = i.value ->> '$.claim' cross join "steadytick_jobs" j on j.id = c.job_id
    where not c.cancel_requested and not (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id));


    delete from "steadytick_permits" where (concurrency_key, job_id) in (
      select j.concurrency_key, j.id from 
  json_each(?) i cross join "steadytick_claimed_executions" c
    on c.job_id = i.value ->> '$.id' and c.process_id = ? and c.claim = i.value ->> '$.claim' cross join "steadytick_jobs" j on j.id = c.job_id
      where j.concurrency_key is not null and (i.value ->> '$.kind' <> 'released' or c.cancel_requested));


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key), open as materialized (
          select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
          from k cross join "steadytick_semaphores" s on s.key = k.key
        )
        insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
        select j.id, o.key, j.concurrency_duration_ms
        from open o cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = o.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f on o.free > 0 and f.key < o.free
        cross join "steadytick_jobs" j on j.id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key)
        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select f.value ->> '$.id', f.value ->> '$.queue', f.value ->> '$.rank', cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key), x as materialized (
          select k.key, f.value ->> '$.rank' as rank, f.value ->> '$.id' as id from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id'
        )
        delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (select key, rank, id from x)
          and job_id between (select min(id) from x) and (select max(id) from x);


    delete from "steadytick_claimed_executions" where process_id = ?
      and (job_id, claim) in (select value ->> '$.id', value ->> '$.claim' from json_each(?))
    returning job_id, cancel_requested;


-- keys to repair


    select key from (
      select j.concurrency_key as key from "steadytick_claimed_executions" c cross join "steadytick_jobs" j
      cross join "steadytick_permits" p
      where j.id = c.job_id and p.concurrency_key = j.concurrency_key and p.job_id = c.job_id
        and (c.created_at - cast((julianday('now') - 2440587.5) * 86400000 as integer)) <= -p.duration_ms
      union
      select key from (
        select s.key, s.concurrency_limit, (select count(*) from "steadytick_permits" p where p.concurrency_key = s.key) as held,
          case when exists (select 1 from "steadytick_blocked_executions" b where b.concurrency_key = s.key) then 1 else 0 end as waited_for
        from "steadytick_semaphores" s where s.concurrency_limit is not null and s.key > ?
      ) keys where waited_for = 1 and held < concurrency_limit or waited_for = 0 and held = 0
    ) keys where key > ? order by key limit ?;


-- repair

insert into "steadytick_ticks" (actor, last_run_at, report) values (?, cast((julianday('now') - 2440587.5) * 86400000 as integer), '{}');


    delete from "steadytick_permits" where (concurrency_key, job_id) in (
      select h.concurrency_key, h.job_id from 
  (select distinct value as key from json_each(?)) k cross join "steadytick_permits" h on h.concurrency_key = k.key
      cross join "steadytick_claimed_executions" c on c.job_id = h.job_id
      cross join "steadytick_ticks" t on t.actor = ? and c.created_at + h.duration_ms <= t.last_run_at);


        with k as materialized (select distinct value as key, 1000 as freed from json_each(?)), open as materialized (
          select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
          from k cross join "steadytick_semaphores" s on s.key = k.key
        )
        insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
        select j.id, o.key, j.concurrency_duration_ms
        from open o cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = o.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f on o.free > 0 and f.key < o.free
        cross join "steadytick_jobs" j on j.id = f.value ->> '$.id';


        with k as materialized (select distinct value as key, 1000 as freed from json_each(?))
        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select f.value ->> '$.id', f.value ->> '$.queue', f.value ->> '$.rank', cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id';


        with k as materialized (select distinct value as key, 1000 as freed from json_each(?)), x as materialized (
          select k.key, f.value ->> '$.rank' as rank, f.value ->> '$.id' as id from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id'
        )
        delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (select key, rank, id from x)
          and job_id between (select min(id) from x) and (select max(id) from x);


    delete from "steadytick_semaphores" where key in (select value from json_each(?))
      and not exists (select 1 from "steadytick_permits" h where h.concurrency_key = key)
      and not exists (select 1 from "steadytick_blocked_executions" b where b.concurrency_key = key);

delete from "steadytick_ticks" where actor = ?;


-- list keys
-- list keys, behind many that nothing holds


    with recursive used(key, place) as (
      select (select min(key) from (
  select (select min(concurrency_key) from "steadytick_permits" where concurrency_key > ?) as key
  union all select (select min(concurrency_key) from "steadytick_blocked_executions" where concurrency_key > ?)) held_or_waited_for), 1
      union all
      select (select min(key) from (
  select (select min(concurrency_key) from "steadytick_permits" where concurrency_key > u.key) as key
  union all select (select min(concurrency_key) from "steadytick_blocked_executions" where concurrency_key > u.key)) held_or_waited_for), u.place + 1 from used u where u.key is not null and u.place < ?
    )
    select u.key, (select s.concurrency_limit from "steadytick_semaphores" s where s.key = u.key) as concurrency_limit,
      (select count(*) from (select 1 from "steadytick_permits" p where p.concurrency_key = u.key limit ?) counted) as held,
      (select count(*) from (select 1 from "steadytick_blocked_executions" b where b.concurrency_key = u.key limit ?) counted) as blocked
    from used u where u.key is not null order by u.key;


-- holders


  select j.id, j.task_name, min(max(coalesce(c.created_at, j.scheduled_at), -8640000000000000), 8640000000000000) as since,
    case when c.job_id is null then 'ready' else 'claimed' end as state
  from "steadytick_permits" p cross join "steadytick_jobs" j left join "steadytick_claimed_executions" c on c.job_id = j.id
  where j.id = p.job_id and p.concurrency_key = ? limit ?;


-- holders of a job


    
  select j.id, j.task_name, min(max(coalesce(c.created_at, j.scheduled_at), -8640000000000000), 8640000000000000) as since,
    case when c.job_id is null then 'ready' else 'claimed' end as state
  from (select value as id from json_each(?)) i cross join "steadytick_jobs" w cross join "steadytick_permits" p cross join "steadytick_jobs" j left join "steadytick_claimed_executions" c on c.job_id = j.id
  where j.id = p.job_id
      and w.id = i.id and p.concurrency_key = w.concurrency_key limit ?;


-- retry


    update "steadytick_jobs" set attempts = 0, releases = 0, losses = 0, scheduled_at = cast((julianday('now') - 2440587.5) * 86400000 as integer), retried_at = cast((julianday('now') - 2440587.5) * 86400000 as integer) where id in (select j.id from 
  json_each(?) i cross join "steadytick_failed_executions" f on f.job_id = i.value cross join "steadytick_jobs" j on j.id = f.job_id);


  insert into "steadytick_semaphores" as s (key, concurrency_limit, job_id)
  select j.concurrency_key, j.concurrency_limit, max(j.id) from 
  json_each(?) i cross join "steadytick_failed_executions" f on f.job_id = i.value cross join "steadytick_jobs" j on j.id = f.job_id
  where j.concurrency_key is not null group by j.concurrency_key
  on conflict (key) do update set concurrency_limit = excluded.concurrency_limit, job_id = excluded.job_id
  where excluded.job_id > s.job_id and excluded.concurrency_limit <> s.concurrency_limit;


  with candidate as materialized (
    select j.id, j.concurrency_key, j.concurrency_duration_ms,
      row_number() over (partition by j.concurrency_key order by j.priority desc, j.id) as place
    from 
  json_each(?) i cross join "steadytick_failed_executions" f on f.job_id = i.value cross join "steadytick_jobs" j on j.id = f.job_id where j.concurrency_key is not null
  ), open as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
    from candidate c cross join "steadytick_semaphores" s on s.key = c.concurrency_key
    where c.place = 1 and not exists (select 1 from "steadytick_blocked_executions" b where b.concurrency_key = s.key)
  )
  insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
  select c.id, c.concurrency_key, c.concurrency_duration_ms
  from open o cross join candidate c on c.concurrency_key = o.key and c.place <= o.free;


        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select j.id, j.queue_name, -j.priority, j.scheduled_at from 
  json_each(?) i cross join "steadytick_failed_executions" f on f.job_id = i.value cross join "steadytick_jobs" j on j.id = f.job_id where (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id));


        insert into "steadytick_blocked_executions" (job_id, queue_name, rank, concurrency_key, created_at)
        select j.id, j.queue_name, -j.priority, j.concurrency_key, j.scheduled_at from 
  json_each(?) i cross join "steadytick_failed_executions" f on f.job_id = i.value cross join "steadytick_jobs" j on j.id = f.job_id
        where not (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id)) 
        returning job_id, 'blocked' as state, null as held_by;

delete from "steadytick_failed_executions" where job_id in (select value from json_each(?)) returning job_id;


-- run now


    insert into "steadytick_claimed_executions" (job_id, process_id, claim, created_at)
    select s.job_id, ?, 0, cast((julianday('now') - 2440587.5) * 86400000 as integer) from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
    cross join "steadytick_scheduled_executions" s on s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id;


    delete from "steadytick_scheduled_executions" where (scheduled_at, rank, job_id) in (
      select j.scheduled_at, -j.priority, j.id from "steadytick_claimed_executions" c cross join "steadytick_jobs" j on j.id = c.job_id
      where c.process_id = ?);


    with x as materialized (select job_id, created_at from "steadytick_claimed_executions" where process_id = ?)
    update "steadytick_jobs" as j set scheduled_at = min(j.scheduled_at, x.created_at) from x where j.id = x.job_id;


  insert into "steadytick_semaphores" as s (key, concurrency_limit, job_id)
  select j.concurrency_key, j.concurrency_limit, max(j.id) from 
  "steadytick_claimed_executions" c cross join "steadytick_jobs" j on j.id = c.job_id and c.process_id = ?
  where j.concurrency_key is not null group by j.concurrency_key
  on conflict (key) do update set concurrency_limit = excluded.concurrency_limit, job_id = excluded.job_id
  where excluded.job_id > s.job_id and excluded.concurrency_limit <> s.concurrency_limit;


  with candidate as materialized (
    select j.id, j.concurrency_key, j.concurrency_duration_ms,
      row_number() over (partition by j.concurrency_key order by j.priority desc, j.id) as place
    from 
  "steadytick_claimed_executions" c cross join "steadytick_jobs" j on j.id = c.job_id and c.process_id = ? where j.concurrency_key is not null
  ), open as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
    from candidate c cross join "steadytick_semaphores" s on s.key = c.concurrency_key
    where c.place = 1 and not exists (select 1 from "steadytick_blocked_executions" b where b.concurrency_key = s.key)
  )
  insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
  select c.id, c.concurrency_key, c.concurrency_duration_ms
  from open o cross join candidate c on c.concurrency_key = o.key and c.place <= o.free;


        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select j.id, j.queue_name, -j.priority, c.created_at from 
  "steadytick_claimed_executions" c cross join "steadytick_jobs" j on j.id = c.job_id and c.process_id = ? where (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id));


        insert into "steadytick_blocked_executions" (job_id, queue_name, rank, concurrency_key, created_at)
        select j.id, j.queue_name, -j.priority, j.concurrency_key, c.created_at from 
  "steadytick_claimed_executions" c cross join "steadytick_jobs" j on j.id = c.job_id and c.process_id = ?
        where not (j.concurrency_key is null or exists (
  select 1 from "steadytick_permits" h where h.concurrency_key = j.concurrency_key and h.job_id = j.id)) 
        returning job_id, 'blocked' as state, null as held_by;

delete from "steadytick_claimed_executions" where process_id = ? returning job_id;


-- discard ready


    delete from "steadytick_permits" where (concurrency_key, job_id) in (
      select j.concurrency_key, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value cross join "steadytick_ready_executions" r
        on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
      where j.concurrency_key is not null);


      delete from "steadytick_ready_executions" where (queue_name, rank, job_id) in (
        select j.queue_name, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value);


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key), open as materialized (
          select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
          from k cross join "steadytick_semaphores" s on s.key = k.key
        )
        insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
        select j.id, o.key, j.concurrency_duration_ms
        from open o cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = o.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f on o.free > 0 and f.key < o.free
        cross join "steadytick_jobs" j on j.id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key)
        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select f.value ->> '$.id', f.value ->> '$.queue', f.value ->> '$.rank', cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key), x as materialized (
          select k.key, f.value ->> '$.rank' as rank, f.value ->> '$.id' as id from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id'
        )
        delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (select key, rank, id from x)
          and job_id between (select min(id) from x) and (select max(id) from x);


    delete from "steadytick_jobs" as j where id in (select value from json_each(?)) and 
  j.finished_at is null
  and not exists (select 1 from "steadytick_failed_executions" f where f.job_id = j.id)
  and not exists (select 1 from "steadytick_ready_executions" r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from "steadytick_scheduled_executions" s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from "steadytick_blocked_executions" b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)
      and not exists (select 1 from "steadytick_claimed_executions" c where c.job_id = j.id)
    returning id as job_id;


-- discard ready, of any state
-- discard scheduled, of any state
-- discard blocked, of any state
-- discard failed, of any state


    delete from "steadytick_jobs" where id in (select id from (select value as id from json_each(?)) i) and outcome is not null returning id as job_id;


      delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (
        select j.concurrency_key, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value where j.concurrency_key is not null)
      and job_id between (select min(value) from json_each(?)) and (select max(value) from json_each(?));


      delete from "steadytick_scheduled_executions" where (scheduled_at, rank, job_id) in (
        select j.scheduled_at, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value);

delete from "steadytick_failed_executions" where job_id in (select value from json_each(?));


    delete from "steadytick_permits" where (concurrency_key, job_id) in (
      select j.concurrency_key, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value cross join "steadytick_ready_executions" r
        on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
      where j.concurrency_key is not null);


      delete from "steadytick_ready_executions" where (queue_name, rank, job_id) in (
        select j.queue_name, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value);


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key), open as materialized (
          select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
          from k cross join "steadytick_semaphores" s on s.key = k.key
        )
        insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
        select j.id, o.key, j.concurrency_duration_ms
        from open o cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = o.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f on o.free > 0 and f.key < o.free
        cross join "steadytick_jobs" j on j.id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key)
        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select f.value ->> '$.id', f.value ->> '$.queue', f.value ->> '$.rank', cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key), x as materialized (
          select k.key, f.value ->> '$.rank' as rank, f.value ->> '$.id' as id from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id'
        )
        delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (select key, rank, id from x)
          and job_id between (select min(id) from x) and (select max(id) from x);


    delete from "steadytick_jobs" as j where id in (select value from json_each(?)) and 
  j.finished_at is null
  and not exists (select 1 from "steadytick_failed_executions" f where f.job_id = j.id)
  and not exists (select 1 from "steadytick_ready_executions" r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from "steadytick_scheduled_executions" s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from "steadytick_blocked_executions" b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)
      and not exists (select 1 from "steadytick_claimed_executions" c where c.job_id = j.id)
    returning id as job_id;


-- discard scheduled


      delete from "steadytick_scheduled_executions" where (scheduled_at, rank, job_id) in (
        select j.scheduled_at, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value);


    delete from "steadytick_jobs" as j where id in (select value from json_each(?)) and 
  j.finished_at is null
  and not exists (select 1 from "steadytick_failed_executions" f where f.job_id = j.id)
  and not exists (select 1 from "steadytick_ready_executions" r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from "steadytick_scheduled_executions" s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from "steadytick_blocked_executions" b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)
      and not exists (select 1 from "steadytick_claimed_executions" c where c.job_id = j.id)
    returning id as job_id;


-- discard blocked


      delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (
        select j.concurrency_key, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value where j.concurrency_key is not null)
      and job_id between (select min(value) from json_each(?)) and (select max(value) from json_each(?));


    delete from "steadytick_jobs" as j where id in (select value from json_each(?)) and 
  j.finished_at is null
  and not exists (select 1 from "steadytick_failed_executions" f where f.job_id = j.id)
  and not exists (select 1 from "steadytick_ready_executions" r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from "steadytick_scheduled_executions" s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from "steadytick_blocked_executions" b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)
      and not exists (select 1 from "steadytick_claimed_executions" c where c.job_id = j.id)
    returning id as job_id;


-- discard failed

delete from "steadytick_failed_executions" where job_id in (select value from json_each(?));


    delete from "steadytick_jobs" as j where id in (select value from json_each(?)) and 
  j.finished_at is null
  and not exists (select 1 from "steadytick_failed_executions" f where f.job_id = j.id)
  and not exists (select 1 from "steadytick_ready_executions" r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from "steadytick_scheduled_executions" s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from "steadytick_blocked_executions" b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)
      and not exists (select 1 from "steadytick_claimed_executions" c where c.job_id = j.id)
    returning id as job_id;


-- discard finished


    delete from "steadytick_jobs" where id in (select id from (select value as id from json_each(?)) i) and outcome is not null returning id as job_id;


-- cancel ready


    delete from "steadytick_permits" where (concurrency_key, job_id) in (
      select j.concurrency_key, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value cross join "steadytick_ready_executions" r
        on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
      where j.concurrency_key is not null);


      delete from "steadytick_ready_executions" where (queue_name, rank, job_id) in (
        select j.queue_name, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value);


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key), open as materialized (
          select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
          from k cross join "steadytick_semaphores" s on s.key = k.key
        )
        insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
        select j.id, o.key, j.concurrency_duration_ms
        from open o cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = o.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f on o.free > 0 and f.key < o.free
        cross join "steadytick_jobs" j on j.id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key)
        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select f.value ->> '$.id', f.value ->> '$.queue', f.value ->> '$.rank', cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key), x as materialized (
          select k.key, f.value ->> '$.rank' as rank, f.value ->> '$.id' as id from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id'
        )
        delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (select key, rank, id from x)
          and job_id between (select min(id) from x) and (select max(id) from x);


    with x as materialized (
      select j.id, exists (select 1 from "steadytick_claimed_executions" c where c.job_id = j.id) as claimed
      from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value where 
  j.finished_at is null
  and not exists (select 1 from "steadytick_failed_executions" f where f.job_id = j.id)
  and not exists (select 1 from "steadytick_ready_executions" r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from "steadytick_scheduled_executions" s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from "steadytick_blocked_executions" b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)
    )
    update "steadytick_jobs" as j set finished_at = iif(x.claimed, null, cast((julianday('now') - 2440587.5) * 86400000 as integer)), outcome = iif(x.claimed, null, 'cancelled')
    from x where j.id = x.id and (? is null or x.claimed = ?)
    returning id as job_id, iif(outcome is null, 'requested', 'cancelled') as kind;


-- cancel ready, of any state
-- cancel scheduled, of any state
-- cancel blocked, of any state
-- cancel claimed, of any state


      delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (
        select j.concurrency_key, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value where j.concurrency_key is not null)
      and job_id between (select min(value) from json_each(?)) and (select max(value) from json_each(?));


      delete from "steadytick_scheduled_executions" where (scheduled_at, rank, job_id) in (
        select j.scheduled_at, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value);


    update "steadytick_claimed_executions" set cancel_requested = 1 where job_id in (select value from json_each(?));


    delete from "steadytick_permits" where (concurrency_key, job_id) in (
      select j.concurrency_key, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value cross join "steadytick_ready_executions" r
        on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
      where j.concurrency_key is not null);


      delete from "steadytick_ready_executions" where (queue_name, rank, job_id) in (
        select j.queue_name, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value);


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key), open as materialized (
          select s.key, s.concurrency_limit - (select count(*) from "steadytick_permits" h where h.concurrency_key = s.key) as free
          from k cross join "steadytick_semaphores" s on s.key = k.key
        )
        insert into "steadytick_permits" (job_id, concurrency_key, duration_ms)
        select j.id, o.key, j.concurrency_duration_ms
        from open o cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = o.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f on o.free > 0 and f.key < o.free
        cross join "steadytick_jobs" j on j.id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key)
        insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
        select f.value ->> '$.id', f.value ->> '$.queue', f.value ->> '$.rank', cast((julianday('now') - 2440587.5) * 86400000 as integer) from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id';


        with k as materialized (
  select j.concurrency_key as key, count(*) as freed from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.concurrency_key is not null group by j.concurrency_key), x as materialized (
          select k.key, f.value ->> '$.rank' as rank, f.value ->> '$.id' as id from 
  k cross join 
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from "steadytick_blocked_executions" where concurrency_key = k.key order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + 10))) f
  cross join "steadytick_permits" h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id'
        )
        delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (select key, rank, id from x)
          and job_id between (select min(id) from x) and (select max(id) from x);


    with x as materialized (
      select j.id, exists (select 1 from "steadytick_claimed_executions" c where c.job_id = j.id) as claimed
      from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value where 
  j.finished_at is null
  and not exists (select 1 from "steadytick_failed_executions" f where f.job_id = j.id)
  and not exists (select 1 from "steadytick_ready_executions" r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from "steadytick_scheduled_executions" s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from "steadytick_blocked_executions" b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)
    )
    update "steadytick_jobs" as j set finished_at = iif(x.claimed, null, cast((julianday('now') - 2440587.5) * 86400000 as integer)), outcome = iif(x.claimed, null, 'cancelled')
    from x where j.id = x.id and (? is null or x.claimed = ?)
    returning id as job_id, iif(outcome is null, 'requested', 'cancelled') as kind;


-- cancel scheduled


      delete from "steadytick_scheduled_executions" where (scheduled_at, rank, job_id) in (
        select j.scheduled_at, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value);


    with x as materialized (
      select j.id, exists (select 1 from "steadytick_claimed_executions" c where c.job_id = j.id) as claimed
      from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value where 
  j.finished_at is null
  and not exists (select 1 from "steadytick_failed_executions" f where f.job_id = j.id)
  and not exists (select 1 from "steadytick_ready_executions" r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from "steadytick_scheduled_executions" s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from "steadytick_blocked_executions" b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)
    )
    update "steadytick_jobs" as j set finished_at = iif(x.claimed, null, cast((julianday('now') - 2440587.5) * 86400000 as integer)), outcome = iif(x.claimed, null, 'cancelled')
    from x where j.id = x.id and (? is null or x.claimed = ?)
    returning id as job_id, iif(outcome is null, 'requested', 'cancelled') as kind;


-- cancel blocked


      delete from "steadytick_blocked_executions" where (concurrency_key, rank, job_id) in (
        select j.concurrency_key, -j.priority, j.id from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value where j.concurrency_key is not null)
      and job_id between (select min(value) from json_each(?)) and (select max(value) from json_each(?));


    with x as materialized (
      select j.id, exists (select 1 from "steadytick_claimed_executions" c where c.job_id = j.id) as claimed
      from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value where 
  j.finished_at is null
  and not exists (select 1 from "steadytick_failed_executions" f where f.job_id = j.id)
  and not exists (select 1 from "steadytick_ready_executions" r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from "steadytick_scheduled_executions" s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from "steadytick_blocked_executions" b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)
    )
    update "steadytick_jobs" as j set finished_at = iif(x.claimed, null, cast((julianday('now') - 2440587.5) * 86400000 as integer)), outcome = iif(x.claimed, null, 'cancelled')
    from x where j.id = x.id and (? is null or x.claimed = ?)
    returning id as job_id, iif(outcome is null, 'requested', 'cancelled') as kind;


-- cancel claimed


    update "steadytick_claimed_executions" set cancel_requested = 1 where job_id in (select value from json_each(?));


    with x as materialized (
      select j.id, exists (select 1 from "steadytick_claimed_executions" c where c.job_id = j.id) as claimed
      from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value where 
  j.finished_at is null
  and not exists (select 1 from "steadytick_failed_executions" f where f.job_id = j.id)
  and not exists (select 1 from "steadytick_ready_executions" r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from "steadytick_scheduled_executions" s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from "steadytick_blocked_executions" b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)
    )
    update "steadytick_jobs" as j set finished_at = iif(x.claimed, null, cast((julianday('now') - 2440587.5) * 86400000 as integer)), outcome = iif(x.claimed, null, 'cancelled')
    from x where j.id = x.id and (? is null or x.claimed = ?)
    returning id as job_id, iif(outcome is null, 'requested', 'cancelled') as kind;


-- pause


    insert into "steadytick_pauses" (queue_name, created_at) values (?, cast((julianday('now') - 2440587.5) * 86400000 as integer)) on conflict do nothing;


-- resume

delete from "steadytick_pauses" where queue_name = ?;


-- page of ready


      select cast("p"."queue_name" as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick_ready_executions" 
        order by "queue_name" asc, "rank" asc, "job_id" asc limit ?) "range0") p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."queue_name" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of scheduled


      select cast("p"."scheduled_at" as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (
      select * from (
        select "scheduled_at", "rank", "job_id" from "steadytick_scheduled_executions" 
        order by "scheduled_at" asc, "rank" asc, "job_id" asc limit ?) "range0") p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."scheduled_at" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of blocked


      select cast("p"."concurrency_key" as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (
      select * from (
        select "concurrency_key", "rank", "job_id" from "steadytick_blocked_executions" 
        order by "concurrency_key" asc, "rank" asc, "job_id" asc limit ?) "range0") p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."concurrency_key" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of claimed


      select cast("p"."job_id" as text) as "key0",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (
      select * from (
        select "job_id" from "steadytick_claimed_executions" 
        order by "job_id" asc limit ?) "range0") p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."job_id" asc;


-- page of failed


      select cast("p"."job_id" as text) as "key0",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (
      select * from (
        select "job_id" from "steadytick_failed_executions" 
        order by "job_id" desc limit ?) "range0") p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."job_id" desc;


-- page of finished


      select cast("p"."finished_at" as text) as "key0", cast("p"."id" as text) as "key1",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (
      select * from (
        select "finished_at", "id" from "steadytick_jobs" where finished_at is not null
        order by "finished_at" desc, "id" desc limit ?) "range0") p left join "steadytick_jobs" j on j.id = "p"."id" order by "p"."finished_at" desc, "p"."id" desc;


-- page of ready, continued


      select cast("p"."queue_name" as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (select * from (
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick_ready_executions" where "queue_name" > ?
        order by "queue_name" asc, "rank" asc, "job_id" asc limit ?) "range0" union all 
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick_ready_executions" where "queue_name" = ? and "rank" > ?
        order by "queue_name" asc, "rank" asc, "job_id" asc limit ?) "range1" union all 
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick_ready_executions" where "queue_name" = ? and "rank" = ? and "job_id" > ?
        order by "queue_name" asc, "rank" asc, "job_id" asc limit ?) "range2") ranges order by "queue_name" asc, "rank" asc, "job_id" asc limit ?) p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."queue_name" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of scheduled, continued


      select cast("p"."scheduled_at" as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (select * from (
      select * from (
        select "scheduled_at", "rank", "job_id" from "steadytick_scheduled_executions" where "scheduled_at" > cast(? as integer)
        order by "scheduled_at" asc, "rank" asc, "job_id" asc limit ?) "range0" union all 
      select * from (
        select "scheduled_at", "rank", "job_id" from "steadytick_scheduled_executions" where "scheduled_at" = cast(? as integer) and "rank" > ?
        order by "scheduled_at" asc, "rank" asc, "job_id" asc limit ?) "range1" union all 
      select * from (
        select "scheduled_at", "rank", "job_id" from "steadytick_scheduled_executions" where "scheduled_at" = cast(? as integer) and "rank" = ? and "job_id" > ?
        order by "scheduled_at" asc, "rank" asc, "job_id" asc limit ?) "range2") ranges order by "scheduled_at" asc, "rank" asc, "job_id" asc limit ?) p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."scheduled_at" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of blocked, continued


      select cast("p"."concurrency_key" as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (select * from (
      select * from (
        select "concurrency_key", "rank", "job_id" from "steadytick_blocked_executions" where "concurrency_key" > ?
        order by "concurrency_key" asc, "rank" asc, "job_id" asc limit ?) "range0" union all 
      select * from (
        select "concurrency_key", "rank", "job_id" from "steadytick_blocked_executions" where "concurrency_key" = ? and "rank" > ?
        order by "concurrency_key" asc, "rank" asc, "job_id" asc limit ?) "range1" union all 
      select * from (
        select "concurrency_key", "rank", "job_id" from "steadytick_blocked_executions" where "concurrency_key" = ? and "rank" = ? and "job_id" > ?
        order by "concurrency_key" asc, "rank" asc, "job_id" asc limit ?) "range2") ranges order by "concurrency_key" asc, "rank" asc, "job_id" asc limit ?) p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."concurrency_key" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of claimed, continued


      select cast("p"."job_id" as text) as "key0",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (select * from (
      select * from (
        select "job_id" from "steadytick_claimed_executions" where "job_id" > ?
        order by "job_id" asc limit ?) "range0") ranges order by "job_id" asc limit ?) p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."job_id" asc;


-- page of failed, continued


      select cast("p"."job_id" as text) as "key0",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (select * from (
      select * from (
        select "job_id" from "steadytick_failed_executions" where "job_id" < ?
        order by "job_id" desc limit ?) "range0") ranges order by "job_id" desc limit ?) p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."job_id" desc;


-- page of finished, continued


      select cast("p"."finished_at" as text) as "key0", cast("p"."id" as text) as "key1",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (select * from (
      select * from (
        select "finished_at", "id" from "steadytick_jobs" where finished_at is not null and "finished_at" < cast(? as integer)
        order by "finished_at" desc, "id" desc limit ?) "range0" union all 
      select * from (
        select "finished_at", "id" from "steadytick_jobs" where finished_at is not null and "finished_at" = cast(? as integer) and "id" < ?
        order by "finished_at" desc, "id" desc limit ?) "range1") ranges order by "finished_at" desc, "id" desc limit ?) p left join "steadytick_jobs" j on j.id = "p"."id" order by "p"."finished_at" desc, "p"."id" desc;


-- page of ready, of a queue
-- page of ready, of a small queue


      select cast("p"."rank" as text) as "key0", cast("p"."job_id" as text) as "key1",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick_ready_executions" where "queue_name" = ?
        order by "queue_name" asc, "rank" asc, "job_id" asc limit ?) "range0") p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."queue_name" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of ready, of a queue, continued


      select cast("p"."rank" as text) as "key0", cast("p"."job_id" as text) as "key1",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (select * from (
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick_ready_executions" where "queue_name" = ? and "rank" > ?
        order by "queue_name" asc, "rank" asc, "job_id" asc limit ?) "range0" union all 
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick_ready_executions" where "queue_name" = ? and "rank" = ? and "job_id" > ?
        order by "queue_name" asc, "rank" asc, "job_id" asc limit ?) "range1") ranges order by "queue_name" asc, "rank" asc, "job_id" asc limit ?) p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."queue_name" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of failed, of a kind


      select cast("p"."job_id" as text) as "key0",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (
      select * from (
        select "fingerprint", "job_id" from "steadytick_failed_executions" where "fingerprint" = ?
        order by "fingerprint" desc, "job_id" desc limit ?) "range0") p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."fingerprint" desc, "p"."job_id" desc;


-- page of failed, of a kind, continued


      select cast("p"."job_id" as text) as "key0",
        case when (cast(? as text) is null or j.task_name = ?) and (cast(? as text) is null or j.queue_name = ?) and (cast(? as text) is null or j.recurring_key = ?) and (cast(? as text) is null or j.enqueued_at >= cast(? as integer)) and (cast(? as text) is null or j.enqueued_at < cast(? as integer)) and (cast(? as text) is null or (j.started_at is null or j.started_at < cast(? as integer))) then 1 else 0 end as meant, -(cast(0 as integer) - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as now_ms
      from (select * from (
      select * from (
        select "fingerprint", "job_id" from "steadytick_failed_executions" where "fingerprint" = ? and "job_id" < ?
        order by "fingerprint" desc, "job_id" desc limit ?) "range0") ranges order by "fingerprint" desc, "job_id" desc limit ?) p left join "steadytick_jobs" j on j.id = "p"."job_id" order by "p"."fingerprint" desc, "p"."job_id" desc;


-- count

select (select count(*) from (select 1 from "steadytick_scheduled_executions" order by scheduled_at, rank, job_id limit ?) counted) as "scheduled", (select count(*) from (select 1 from "steadytick_ready_executions" order by queue_name, rank, job_id limit ?) counted) as "ready", (select count(*) from (select 1 from "steadytick_blocked_executions" order by concurrency_key, rank, job_id limit ?) counted) as "blocked", (select count(*) from (select 1 from "steadytick_claimed_executions" order by job_id limit ?) counted) as "claimed", (select count(*) from (select 1 from "steadytick_jobs" where finished_at is not null order by finished_at limit ?) counted) as "finished", (select count(*) from (select 1 from "steadytick_failed_executions" order by created_at limit ?) counted) as "failed";


-- count what to clear of finished

select (select count(*) from (select 1 from "steadytick_jobs" where finished_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)) order by finished_at limit ?) counted) as count;


-- count what to clear of failed

select (select count(*) from (select 1 from "steadytick_failed_executions" where created_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)) order by created_at limit ?) counted) as count;


-- find


    select j.id, j.task_name, j.queue_name, j.priority, j.payload as payload, j.attempts, j.max_attempts,
      j.releases, j.losses, min(max(j.enqueued_at, -8640000000000000), 8640000000000000) as enqueued_at, min(max(j.scheduled_at, -8640000000000000), 8640000000000000) as scheduled_at,
      min(max(coalesce(c.created_at, j.started_at), -8640000000000000), 8640000000000000) as started_at, min(max(j.finished_at, -8640000000000000), 8640000000000000) as finished_at,
      min(max(j.retried_at, -8640000000000000), 8640000000000000) as retried_at, j.outcome, j.result as result, j.result_meta as result_meta,
      j.progress as progress, j.errors as errors, c.process_id, j.concurrency_key,
      j.recurring_key, min(max(j.recurring_at, -8640000000000000), 8640000000000000) as recurring_at,
      
  case when j.finished_at is not null then 'finished' when c.job_id is not null then 'claimed'
    when f.job_id is not null then 'failed' when r.job_id is not null then 'ready'
    when s.job_id is not null then 'scheduled' when b.job_id is not null then 'blocked' end as state 
  from (select value as id from json_each(?)) i cross join "steadytick_jobs" j
  left join "steadytick_claimed_executions" c on c.job_id = j.id
  left join "steadytick_failed_executions" f on f.job_id = j.id
  left join "steadytick_ready_executions" r on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
  left join "steadytick_scheduled_executions" s on s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id
  left join "steadytick_blocked_executions" b on b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id
    where j.id = i.id;


-- find states

select j.id, 
  case when j.finished_at is not null then 'finished' when c.job_id is not null then 'claimed'
    when f.job_id is not null then 'failed' when r.job_id is not null then 'ready'
    when s.job_id is not null then 'scheduled' when b.job_id is not null then 'blocked' end as state 
  from (select value as id from json_each(?)) i cross join "steadytick_jobs" j
  left join "steadytick_claimed_executions" c on c.job_id = j.id
  left join "steadytick_failed_executions" f on f.job_id = j.id
  left join "steadytick_ready_executions" r on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
  left join "steadytick_scheduled_executions" s on s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id
  left join "steadytick_blocked_executions" b on b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id where j.id = i.id;


-- find ids

select id from "steadytick_jobs" where id >= ? and id <= ? order by id limit ?;


-- find faults


      select job_id from (
        select job_id from (
  select job_id from "steadytick_ready_executions" union all select job_id from "steadytick_scheduled_executions"
  union all select job_id from "steadytick_blocked_executions" union all select job_id from "steadytick_claimed_executions" union all select job_id from "steadytick_failed_executions") unfinished union all select id from "steadytick_jobs" where finished_at is not null) found
      group by job_id having count(*) > 1 limit ?;


      select id as job_id from "steadytick_jobs" where finished_at is null and id not in (
  select job_id from "steadytick_ready_executions" union all select job_id from "steadytick_scheduled_executions"
  union all select job_id from "steadytick_blocked_executions" union all select job_id from "steadytick_claimed_executions" union all select job_id from "steadytick_failed_executions") limit ?;


      select job_id from (
  select job_id from "steadytick_ready_executions" union all select job_id from "steadytick_scheduled_executions"
  union all select job_id from "steadytick_blocked_executions" union all select job_id from "steadytick_claimed_executions" union all select job_id from "steadytick_failed_executions") found where not exists (select 1 from "steadytick_jobs" j where j.id = found.job_id) limit ?;


      select r.job_id from "steadytick_ready_executions" r join "steadytick_jobs" j on j.id = r.job_id where j.concurrency_key is not null
        and not exists (select 1 from "steadytick_permits" p where p.concurrency_key = j.concurrency_key and p.job_id = j.id)
      limit ?;


      select p.job_id from "steadytick_permits" p where p.job_id not in (
        select job_id from "steadytick_ready_executions" union all select job_id from "steadytick_claimed_executions") limit ?;


      select b.job_id from "steadytick_blocked_executions" b left join "steadytick_semaphores" s on s.key = b.concurrency_key
      where coalesce(s.concurrency_limit, 1) > (
        select count(*) from "steadytick_permits" p where p.concurrency_key = b.concurrency_key) limit ?;


-- read the schema

select (select max(version) from "steadytick_schema") as schema_version,
  (select max(serves_from) from "steadytick_schema") as serves_from;


-- list queues
-- count of a small queue


    with recursive names(name, place) as (
      select (select min(queue_name) from "steadytick_ready_executions" where queue_name > ?), 1
      union all
      select (select min(queue_name) from "steadytick_ready_executions" where queue_name > n.name), n.place + 1
      from names n where n.name is not null and n.place < ?
    ), listed(name) as (
      select name from names where name is not null
      union select queue_name from (
        select queue_name from "steadytick_pauses" where queue_name > ? order by queue_name limit ?) paused
      order by 1 limit ?
    ), bound(most) as (
      select case when count(*) * cast(? as integer) > 100000 then 100000 / count(*) else ? end
      from listed
    ), heads(name, rank) as (
      select l.name, (select rank from "steadytick_ready_executions" r where r.queue_name = l.name
        order by queue_name, rank limit 1) from listed l
      union all
      select h.name, (select min(rank) from "steadytick_ready_executions" r where r.queue_name = h.name and r.rank > h.rank)
      from heads h where h.rank is not null
    ), oldest(name, oldest_at) as (
      select h.name, min((select created_at from "steadytick_ready_executions" r where r.queue_name = h.name and r.rank = h.rank
        order by job_id limit 1)) from heads h where h.rank is not null group by h.name
    )
    select l.name, (select most from bound) as most, (select count(*) from (select 1 from "steadytick_ready_executions" r where r.queue_name = l.name order by queue_name, rank, job_id limit (select most + 1 from bound)) counted) as ready, min(max(o.oldest_at, -8640000000000000), 8640000000000000) as oldest_at,
      -(o.oldest_at - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as latency_ms, min(max(p.created_at, -8640000000000000), 8640000000000000) as paused_at
    from listed l left join oldest o on o.name = l.name left join "steadytick_pauses" p on p.queue_name = l.name
    order by l.name;


-- list failures


    with recursive prints(fingerprint) as (
      select min(fingerprint) from "steadytick_failed_executions"
      union all
      select (select min(fingerprint) from "steadytick_failed_executions" where fingerprint > p.fingerprint)
      from prints p where p.fingerprint is not null
    ), listed(fingerprint) as (
      select fingerprint from prints where fingerprint is not null limit 10000
    ), latest as (
      select l.fingerprint, (select f.job_id from "steadytick_failed_executions" f where f.fingerprint = l.fingerprint order by f.fingerprint desc, f.job_id desc limit 1) as job_id, (select count(*) from (select 1 from "steadytick_failed_executions" f where f.fingerprint = l.fingerprint order by f.fingerprint desc, f.job_id desc limit ?) counted) as count,
        (select max(created_at) from (select f.created_at from "steadytick_failed_executions" f where f.fingerprint = l.fingerprint order by f.fingerprint desc, f.job_id desc limit ?) counted) as last_at
      from listed l
    )
    select l.fingerprint, l.job_id, l.count, min(max(l.last_at, -8640000000000000), 8640000000000000) as last_at, (select f.error from "steadytick_failed_executions" f where f.job_id = l.job_id) as error
    from latest l order by l.count desc, l.last_at desc limit ?;


-- explain


    select (j.scheduled_at - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as due_ms, min(max(s.created_at, -8640000000000000), 8640000000000000) as paused_at,
      c.job_id as claimed, case when c.cancel_requested then 1 else 0 end as cancel_requested,
      p.worker, p.name, min(max(p.lease_expires_at, -8640000000000000), 8640000000000000) as lease_expires_at, case when p.lease_expires_at <= cast((julianday('now') - 2440587.5) * 86400000 as integer) then 1 else 0 end as expired
    from (select value as id from json_each(?)) i cross join "steadytick_jobs" j
    left join "steadytick_claimed_executions" c on c.job_id = j.id
    left join "steadytick_processes" p on p.id = c.process_id
    left join "steadytick_pauses" s on s.queue_name = j.queue_name
    where j.id = i.id;


-- count invocations

select worker, count(*) as count from "steadytick_processes" where lease_expires_at > cast((julianday('now') - 2440587.5) * 86400000 as integer) group by worker;


-- list invocations


    with listed as (select * from "steadytick_processes" where worker <> '' order by started_at, id limit ?)
    select l.id, l.worker, l.name, min(max(l.started_at, -8640000000000000), 8640000000000000) as started_at,
      min(max(l.last_heartbeat_at, -8640000000000000), 8640000000000000) as last_heartbeat_at, min(max(l.lease_expires_at, -8640000000000000), 8640000000000000) as lease_expires_at,
      case when l.lease_expires_at <= cast((julianday('now') - 2440587.5) * 86400000 as integer) then 1 else 0 end as lost, c.job_id, j.task_name, min(max(c.created_at, -8640000000000000), 8640000000000000) as created_at,
      case when c.cancel_requested then 1 else 0 end as cancel_requested
    from listed l left join "steadytick_claimed_executions" c on c.process_id = l.id left join "steadytick_jobs" j on j.id = c.job_id
    order by l.started_at, l.id;


-- list actors

select actor, -(last_run_at - cast((julianday('now') - 2440587.5) * 86400000 as integer)) as ms_ago from "steadytick_ticks";


-- note a tick
-- record a tick


    insert into "steadytick_ticks" (actor, last_run_at, report)
    select ?, cast((julianday('now') - 2440587.5) * 86400000 as integer), ?
    where not exists (select 1 from "steadytick_ticks" where actor = ? and last_run_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer))
      and last_run_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(3600000 as integer)))
    on conflict (actor) do update set last_run_at = excluded.last_run_at, report = excluded.report;


-- list due


  select min(max(n.now_at, -8640000000000000), 8640000000000000) as now_at, t.key, t.task_name, t.schedule, t.time_zone, t.payload as payload,
    t.payload_meta as payload_meta, t.queue_name, t.priority, t.catch_up, t.description,
    case when t.static then 1 else 0 end as static, case when t.enabled then 1 else 0 end as enabled,
    min(max(t.removed_at, -8640000000000000), 8640000000000000) as removed_at, t.version, min(max(t.last_run_at, -8640000000000000), 8640000000000000) as last_run_at,
    min(max(t.next_run_at, -8640000000000000), 8640000000000000) as next_run_at
  from (select cast((julianday('now') - 2440587.5) * 86400000 as integer) as now_at) n left join "steadytick_recurring_tasks" t on t.next_run_at <= cast((julianday('now') - 2440587.5) * 86400000 as integer) and t.key > ? and 
  t.task_name in (select name from (select value ->> '$.name' as name from json_each(?)) x) and (not t.static or t.key in (select name from (select value ->> '$.name' as name from json_each(?)) x))
    and (t.removed_at is null or t.removed_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(-604800000 as integer))) order by t.key limit ?;


-- occur


    insert into "steadytick_recurring_executions" (task_key, run_at, job_id, created_at)
    select x.task_key, x.run_at, x.job_id, cast((julianday('now') - 2440587.5) * 86400000 as integer)
    from (select value ->> '$.task_key' as task_key, value ->> '$.run_at' as run_at, value ->> '$.job_id' as job_id, value ->> '$.from_at' as from_at from json_each(?)) x
    join "steadytick_recurring_tasks" t on t.key = x.task_key and t.next_run_at = x.from_at
    where true on conflict (task_key, run_at) do nothing returning job_id;


    insert into "steadytick_jobs" (id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, enqueued_at, scheduled_at)
    select value ->> '$.id', value ->> '$.queue_name', value ->> '$.task_name', value -> '$.payload', value -> '$.payload_meta', value ->> '$.priority', value ->> '$.max_attempts', value ->> '$.on_lost', value ->> '$.concurrency_key', value ->> '$.concurrency_limit', value ->> '$.concurrency_duration_ms', value ->> '$.on_conflict', value ->> '$.recurring_key', value ->> '$.recurring_at', cast((julianday('now') - 2440587.5) * 86400000 as integer), coalesce(value ->> '$.run_at', cast((julianday('now') - 2440587.5) * 86400000 as integer) + (value ->> '$.delay'))
    from json_each(?) where value ->> '$.id' in (
  select o.job_id
  from (select value ->> '$.task_key' as task_key, value ->> '$.run_at' as run_at, value ->> '$.job_id' as job_id, value ->> '$.from_at' as from_at from json_each(?)) o
  where o.from_at = (select t.next_run_at from "steadytick_recurring_tasks" t where t.key = o.task_key) and o.job_id = (
    select e.job_id from "steadytick_recurring_executions" e where e.task_key = o.task_key and e.run_at = o.run_at));


  insert into "steadytick_ready_executions" (job_id, queue_name, rank, created_at)
  select j.id, j.queue_name, -j.priority, j.enqueued_at from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where j.scheduled_at <= j.enqueued_at and j.concurrency_key is null and j.id in (
  select o.job_id
  from (select value ->> '$.task_key' as task_key, value ->> '$.run_at' as run_at, value ->> '$.job_id' as job_id, value ->> '$.from_at' as from_at from json_each(?)) o
  where o.from_at = (select t.next_run_at from "steadytick_recurring_tasks" t where t.key = o.task_key) and o.job_id = (
    select e.job_id from "steadytick_recurring_executions" e where e.task_key = o.task_key and e.run_at = o.run_at));


  insert into "steadytick_scheduled_executions" (job_id, queue_name, rank, scheduled_at)
  select j.id, j.queue_name, -j.priority, j.scheduled_at from json_each(?) i cross join "steadytick_jobs" j on j.id = i.value
  where (j.scheduled_at > j.enqueued_at or j.concurrency_key is not null) and j.id in (
  select o.job_id
  from (select value ->> '$.task_key' as task_key, value ->> '$.run_at' as run_at, value ->> '$.job_id' as job_id, value ->> '$.from_at' as from_at from json_each(?)) o
  where o.from_at = (select t.next_run_at from "steadytick_recurring_tasks" t where t.key = o.task_key) and o.job_id = (
    select e.job_id from "steadytick_recurring_executions" e where e.task_key = o.task_key and e.run_at = o.run_at))
  returning job_id, 'scheduled' as state;


    update "steadytick_recurring_tasks" as t set next_run_at = x.to_at, last_run_at = coalesce(x.last_at, t.last_run_at)
    from (select value ->> '$.key' as key, value ->> '$.from_at' as from_at, value ->> '$.to_at' as to_at, value ->> '$.last_at' as last_at from json_each(?)) x
    where t.key = x.key and t.next_run_at = x.from_at;


-- synchronize


    delete from "steadytick_deployments" where (seen_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)) or seen_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(3600000 as integer)))
      and (fingerprint <> ? or seen_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)) or seen_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(3600000 as integer)));


    insert into "steadytick_deployments" as d (fingerprint, first_seen_at, came_at, seen_at)
    values (?, cast((julianday('now') - 2440587.5) * 86400000 as integer), cast((julianday('now') - 2440587.5) * 86400000 as integer), cast((julianday('now') - 2440587.5) * 86400000 as integer))
    on conflict (fingerprint) do update set seen_at = excluded.seen_at,
      came_at = case when d.seen_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)) then excluded.came_at else d.came_at end;


    insert into "steadytick_recurring_tasks" as t (key, task_name, schedule, time_zone, payload, payload_meta, queue_name, priority, catch_up, description, static, next_run_at, deployment, seen_at)
    select key, task_name, schedule, time_zone, payload, payload_meta, queue_name, priority, catch_up, description, true, next_at, ?, cast((julianday('now') - 2440587.5) * 86400000 as integer) from (select value ->> '$.key' as key, value ->> '$.task_name' as task_name, value ->> '$.schedule' as schedule, value ->> '$.time_zone' as time_zone, value ->> '$.payload' as payload, value ->> '$.payload_meta' as payload_meta, value ->> '$.queue_name' as queue_name, value ->> '$.priority' as priority, value ->> '$.catch_up' as catch_up, value ->> '$.description' as description, value ->> '$.next_at' as next_at from json_each(?)) x
    where true order by key
    on conflict (key) do update set task_name = excluded.task_name, schedule = excluded.schedule, time_zone = excluded.time_zone, payload = excluded.payload, payload_meta = excluded.payload_meta, queue_name = excluded.queue_name, priority = excluded.priority, catch_up = excluded.catch_up, description = excluded.description,
      version = t.version + 1, next_run_at = case when not t.enabled then null
        when t.schedule = excluded.schedule and t.time_zone = excluded.time_zone
          and (t.removed_at is null or t.removed_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(-604800000 as integer))) then t.next_run_at
        else excluded.next_run_at end,
      deployment = excluded.deployment, seen_at = excluded.seen_at, removed_at = null
    where t.static and (t.deployment <> excluded.deployment or t.removed_at is not null) and not exists (
      select 1 from "steadytick_deployments" theirs cross join "steadytick_deployments" ours
      where theirs.fingerprint = t.deployment and ours.fingerprint = excluded.deployment
        and theirs.seen_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer))
        and (theirs.came_at, theirs.fingerprint) > (ours.came_at, ours.fingerprint));


    update "steadytick_recurring_tasks" set seen_at = cast((julianday('now') - 2440587.5) * 86400000 as integer) where static and (seen_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)) or seen_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(3600000 as integer)))
      and key in (select name from (select value ->> '$.name' as name from json_each(?)) x);


    update "steadytick_recurring_tasks" set removed_at = cast((julianday('now') - 2440587.5) * 86400000 as integer)
    where static and removed_at is null and (seen_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)) or seen_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(3600000 as integer)))
      and key not in (select name from (select value ->> '$.name' as name from json_each(?)) x)
      and exists (select 1 from "steadytick_deployments" where fingerprint = ? and first_seen_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)));


    select key from "steadytick_recurring_tasks"
    where not static and key in (select name from (select value ->> '$.name' as name from json_each(?)) x);


-- list suspects


  select min(max(n.now_at, -8640000000000000), 8640000000000000) as now_at, t.key, t.task_name, t.schedule, t.time_zone, t.payload as payload,
    t.payload_meta as payload_meta, t.queue_name, t.priority, t.catch_up, t.description,
    case when t.static then 1 else 0 end as static, case when t.enabled then 1 else 0 end as enabled,
    min(max(t.removed_at, -8640000000000000), 8640000000000000) as removed_at, t.version, min(max(t.last_run_at, -8640000000000000), 8640000000000000) as last_run_at,
    min(max(t.next_run_at, -8640000000000000), 8640000000000000) as next_run_at
  from (select cast((julianday('now') - 2440587.5) * 86400000 as integer) as now_at) n left join "steadytick_recurring_tasks" t on t.key > ? and t.next_run_at > cast((julianday('now') - 2440587.5) * 86400000 as integer) and (t.last_run_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(3600000 as integer)) or t.next_run_at > (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(90000000 as integer))) order by t.key limit ?;


-- bring back


    update "steadytick_recurring_tasks" as t set next_run_at = x.to_at, last_run_at = null
    from (select value ->> '$.key' as key, value ->> '$.from_at' as from_at, value ->> '$.to_at' as to_at from json_each(?)) x
    where t.key = x.key and t.next_run_at = x.from_at;


-- list recurring


  select min(max(n.now_at, -8640000000000000), 8640000000000000) as now_at, t.key, t.task_name, t.schedule, t.time_zone, t.payload as payload,
    t.payload_meta as payload_meta, t.queue_name, t.priority, t.catch_up, t.description,
    case when t.static then 1 else 0 end as static, case when t.enabled then 1 else 0 end as enabled,
    min(max(t.removed_at, -8640000000000000), 8640000000000000) as removed_at, t.version, min(max(t.last_run_at, -8640000000000000), 8640000000000000) as last_run_at,
    min(max(t.next_run_at, -8640000000000000), 8640000000000000) as next_run_at
  from (select cast((julianday('now') - 2440587.5) * 86400000 as integer) as now_at) n left join "steadytick_recurring_tasks" t on t.key > ? order by t.key limit ?;


-- find recurring


  select min(max(n.now_at, -8640000000000000), 8640000000000000) as now_at, t.key, t.task_name, t.schedule, t.time_zone, t.payload as payload,
    t.payload_meta as payload_meta, t.queue_name, t.priority, t.catch_up, t.description,
    case when t.static then 1 else 0 end as static, case when t.enabled then 1 else 0 end as enabled,
    min(max(t.removed_at, -8640000000000000), 8640000000000000) as removed_at, t.version, min(max(t.last_run_at, -8640000000000000), 8640000000000000) as last_run_at,
    min(max(t.next_run_at, -8640000000000000), 8640000000000000) as next_run_at
  from (select cast((julianday('now') - 2440587.5) * 86400000 as integer) as now_at) n left join "steadytick_recurring_tasks" t on t.key = ? order by t.key;


-- list occurrences


    select min(max(run_at, -8640000000000000), 8640000000000000) as run_at, min(max(created_at, -8640000000000000), 8640000000000000) as created_at, job_id from "steadytick_recurring_executions" o where task_key = ? order by o.run_at desc limit ?;


-- clear occurrences


    with recursive 
  keys(task_key) as (
    select min(task_key) from "steadytick_recurring_executions"
    union all
    select (select min(task_key) from "steadytick_recurring_executions" where task_key > k.task_key) from keys k where k.task_key is not null
  )
    delete from "steadytick_recurring_executions" where (task_key, run_at) in (
      select e.task_key, e.run_at from keys k cross join "steadytick_recurring_executions" e
      where e.task_key = k.task_key and e.run_at <= (cast((julianday('now') - 2440587.5) * 86400000 as integer) + cast(? as integer)) limit ?);


-- create recurring


    insert into "steadytick_recurring_tasks" (key, task_name, schedule, time_zone, payload, payload_meta, queue_name, priority, catch_up, description, static, next_run_at)
    select key, task_name, schedule, time_zone, payload, payload_meta, queue_name, priority, catch_up, description, false, next_at from (select value ->> '$.key' as key, value ->> '$.task_name' as task_name, value ->> '$.schedule' as schedule, value ->> '$.time_zone' as time_zone, value ->> '$.payload' as payload, value ->> '$.payload_meta' as payload_meta, value ->> '$.queue_name' as queue_name, value ->> '$.priority' as priority, value ->> '$.catch_up' as catch_up, value ->> '$.description' as description, value ->> '$.next_at' as next_at from json_each(?)) x
    where (select count(*) from (select 1 from "steadytick_recurring_tasks" limit 10000) counted) < 10000;


-- edit recurring


    update "steadytick_recurring_tasks" as t set task_name = x.task_name, schedule = x.schedule, time_zone = x.time_zone, payload = x.payload, payload_meta = x.payload_meta, queue_name = x.queue_name, priority = x.priority, catch_up = x.catch_up, description = x.description, version = t.version + 1, next_run_at = case
      when t.schedule = x.schedule and t.time_zone = x.time_zone then t.next_run_at
      when t.enabled then x.next_at end
    from (select value ->> '$.key' as key, value ->> '$.task_name' as task_name, value ->> '$.schedule' as schedule, value ->> '$.time_zone' as time_zone, value ->> '$.payload' as payload, value ->> '$.payload_meta' as payload_meta, value ->> '$.queue_name' as queue_name, value ->> '$.priority' as priority, value ->> '$.catch_up' as catch_up, value ->> '$.description' as description, value ->> '$.next_at' as next_at from json_each(?)) x where t.key = x.key and not t.static and t.version = ?;


-- delete recurring

delete from "steadytick_recurring_tasks" where key = ? and (not static or removed_at is not null);


-- enable recurring


    update "steadytick_recurring_tasks" as t set enabled = true, version = t.version + 1, next_run_at = x.next_at
    from (select value ->> '$.next_at' as next_at from json_each(?)) x where t.key = ? and not t.enabled and t.version = ?;


-- disable recurring

update "steadytick_recurring_tasks" set enabled = false, version = version + 1, next_run_at = null where key = ? and enabled;
