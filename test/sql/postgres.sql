-- claim *
-- claim *, at maxInvocations
-- claim *, while a queue is paused
-- claim *, while the backlog is paused
-- claim *, while one of many is paused


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    with recursive allowed as materialized (
      select case when not exists (
          select 1 from "steadytick"."claimed_executions" where process_id = $1::uuid and claim = $2::integer)
        and case when $3::boolean
          then not exists (select 1 from "steadytick"."processes" where id = $4::uuid)
            and (select count(*) from "steadytick"."processes" where worker = $5 and lease_expires_at > now())
              < $6::integer
          else exists (select 1 from "steadytick"."processes"
            where id = $7::uuid and worker = $8 and lease_expires_at > now()) end
        then $9::integer else 0 end as n
    ), unpaused as materialized (
      select ctid as place from "steadytick"."ready_executions" order by rank, job_id
      limit case when exists (select 1 from "steadytick"."pauses") then 0 else (select n from allowed) end for update skip locked
    ), 
  entry as materialized (
    select * from json_to_recordset($10::json) as e(place integer, low text, high text, open boolean, start text)
  ), edge as materialized (
    select rank, job_id from "steadytick"."ready_executions" order by rank, job_id offset 1000 + 20 * (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed) limit 1
  ), ranged as materialized (
    select r.place from (select * from entry order by place) e cross join lateral (
      with recursive named as materialized (
        select ctid as place from "steadytick"."ready_executions" where queue_name >= e.low and queue_name < e.high
        order by queue_name, rank, job_id
        limit case when e.open or not ((select true from "steadytick"."pauses" p where p.queue_name = e.low) is null and (select true from entry b where b.place < e.place and e.low >= b.low and e.low < b.high limit 1) is null) then 0 else (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed) end
        for update skip locked
      ), near as materialized (
  select r.place from (select x.place from (
            select ctid as place, queue_name from "steadytick"."ready_executions" order by rank, job_id limit 1000 + 20 * (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed)) x
          where x.queue_name >= e.low and x.queue_name < e.high
            and (select true from "steadytick"."pauses" p where p.queue_name = x.queue_name) is null and (select true from entry b where b.place < e.place and x.queue_name >= b.low and x.queue_name < b.high limit 1) is null) c cross join lateral (
    select ctid as place from "steadytick"."ready_executions" where ctid = c.place for update skip locked
  ) r limit case when e.open then (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed) else 0 end), missing as materialized (
        select case when not e.open or (select count(*) from near) = (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed) or not exists (select 1 from edge) then 0
          else (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed) - (select count(*) from near) end as n
      ), names(name, lap, found, step) as (
        select (select min(queue_name) from "steadytick"."ready_executions" where queue_name >= e.start and queue_name < e.high), 0, 0, 1
        where (select n from missing) > 0
        union all
        select case when n.name is null
            then (select min(queue_name) from "steadytick"."ready_executions" where queue_name >= e.low and queue_name < e.start)
            else (select min(queue_name) from "steadytick"."ready_executions"
              where queue_name > n.name and queue_name < case n.lap when 0 then e.high else e.start end) end,
          n.lap + case when n.name is null then 1 else 0 end,
          n.found + case when n.name is not null and (select true from "steadytick"."pauses" p where p.queue_name = n.name) is null and (select true from entry b where b.place < e.place and n.name >= b.low and n.name < b.high limit 1) is null then 1 else 0 end,
          n.step + 1
        from names n where (n.name is not null or n.lap = 0)
          and n.found < 256 + (select n from missing) and (n.step < 1000 or n.found = 0)
      ), heads as materialized (
        select n.name, h.rank, h.job_id from names n cross join lateral (
          select rank, job_id from "steadytick"."ready_executions" where queue_name between n.name and n.name
            and (rank, job_id) >= (coalesce((select rank from "edge"), 32767),
    coalesce((select job_id from "edge"), 'ffffffff-ffff-ffff-ffff-ffffffffffff')) order by queue_name, rank, job_id limit 1) h
        where n.name is not null and (select true from "steadytick"."pauses" p where p.queue_name = n.name) is null and (select true from entry b where b.place < e.place and n.name >= b.low and n.name < b.high limit 1) is null
        order by h.rank, h.job_id limit 50 + 10 * (select n from missing)
      ), last as materialized (
        select rank, job_id from heads order by rank, job_id offset 49 + 10 * (select n from missing) limit 1
      ), far as materialized (
        select c.place from heads h cross join lateral (
          select ctid as place, rank, job_id from "steadytick"."ready_executions" where queue_name between h.name and h.name
            and (rank, job_id) >= (h.rank, h.job_id) and (rank, job_id) <= (coalesce((select rank from "last"), 32767),
    coalesce((select job_id from "last"), 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
          order by queue_name, rank, job_id
          limit least(50 + 4 * (select n from missing), greatest((select n from missing), 6000 / (select count(*) from heads)))
        ) c order by c.rank, c.job_id limit 50 + 10 * (select n from missing)
      ), taken as materialized (
  select r.place from far c cross join lateral (
    select ctid as place from "steadytick"."ready_executions" where ctid = c.place for update skip locked
  ) r limit (select n from missing))
      select place from named union all select place from near union all select place from taken
    ) r limit (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed)
  ),
    picked as materialized (select place from unpaused union all select place from ranged), gone as (
      delete from "steadytick"."ready_executions" where ctid = any(array(select place from picked)) returning job_id
    ), job as materialized (
      select id from "steadytick"."jobs" where id = any(array(select job_id from gone))
    ), held as (
      insert into "steadytick"."claimed_executions" (job_id, process_id, claim, created_at)
      select id, $11::uuid, $12::integer, now() from job
      on conflict (job_id) do nothing returning job_id
    ), invocation as (
      insert into "steadytick"."processes" (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
      select $13::uuid, $14, $15, now(), now(), (now() + $16::bigint * interval '1 millisecond')
      where $17::boolean and exists (select 1 from held)
      on conflict (id) do nothing
    )
    select id, queue_name, task_name, payload as payload, payload_meta as payload_meta,
    priority, attempts, max_attempts, releases, floor(extract(epoch from enqueued_at) * 1000)::bigint as enqueued_at, floor(extract(epoch from scheduled_at) * 1000)::bigint as scheduled_at, concurrency_key, concurrency_limit from "steadytick"."jobs" where id = any(array(
      select job_id from held
      union all
      select job_id from "steadytick"."claimed_executions" where process_id = $18::uuid and claim = $19::integer));


-- claim * once more
-- claim *, sent again

select id from "steadytick"."processes" where id = $1::uuid for update;


    with recursive allowed as materialized (
      select case when not exists (
          select 1 from "steadytick"."claimed_executions" where process_id = $1::uuid and claim = $2::integer)
        and case when $3::boolean
          then not exists (select 1 from "steadytick"."processes" where id = $4::uuid)
            and (select count(*) from "steadytick"."processes" where worker = $5 and lease_expires_at > now())
              < $6::integer
          else exists (select 1 from "steadytick"."processes"
            where id = $7::uuid and worker = $8 and lease_expires_at > now()) end
        then $9::integer else 0 end as n
    ), unpaused as materialized (
      select ctid as place from "steadytick"."ready_executions" order by rank, job_id
      limit case when exists (select 1 from "steadytick"."pauses") then 0 else (select n from allowed) end for update skip locked
    ), 
  entry as materialized (
    select * from json_to_recordset($10::json) as e(place integer, low text, high text, open boolean, start text)
  ), edge as materialized (
    select rank, job_id from "steadytick"."ready_executions" order by rank, job_id offset 1000 + 20 * (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed) limit 1
  ), ranged as materialized (
    select r.place from (select * from entry order by place) e cross join lateral (
      with recursive named as materialized (
        select ctid as place from "steadytick"."ready_executions" where queue_name >= e.low and queue_name < e.high
        order by queue_name, rank, job_id
        limit case when e.open or not ((select true from "steadytick"."pauses" p where p.queue_name = e.low) is null and (select true from entry b where b.place < e.place and e.low >= b.low and e.low < b.high limit 1) is null) then 0 else (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed) end
        for update skip locked
      ), near as materialized (
  select r.place from (select x.place from (
            select ctid as place, queue_name from "steadytick"."ready_executions" order by rank, job_id limit 1000 + 20 * (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed)) x
          where x.queue_name >= e.low and x.queue_name < e.high
            and (select true from "steadytick"."pauses" p where p.queue_name = x.queue_name) is null and (select true from entry b where b.place < e.place and x.queue_name >= b.low and x.queue_name < b.high limit 1) is null) c cross join lateral (
    select ctid as place from "steadytick"."ready_executions" where ctid = c.place for update skip locked
  ) r limit case when e.open then (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed) else 0 end), missing as materialized (
        select case when not e.open or (select count(*) from near) = (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed) or not exists (select 1 from edge) then 0
          else (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed) - (select count(*) from near) end as n
      ), names(name, lap, found, step) as (
        select (select min(queue_name) from "steadytick"."ready_executions" where queue_name >= e.start and queue_name < e.high), 0, 0, 1
        where (select n from missing) > 0
        union all
        select case when n.name is null
            then (select min(queue_name) from "steadytick"."ready_executions" where queue_name >= e.low and queue_name < e.start)
            else (select min(queue_name) from "steadytick"."ready_executions"
              where queue_name > n.name and queue_name < case n.lap when 0 then e.high else e.start end) end,
          n.lap + case when n.name is null then 1 else 0 end,
          n.found + case when n.name is not null and (select true from "steadytick"."pauses" p where p.queue_name = n.name) is null and (select true from entry b where b.place < e.place and n.name >= b.low and n.name < b.high limit 1) is null then 1 else 0 end,
          n.step + 1
        from names n where (n.name is not null or n.lap = 0)
          and n.found < 256 + (select n from missing) and (n.step < 1000 or n.found = 0)
      ), heads as materialized (
        select n.name, h.rank, h.job_id from names n cross join lateral (
          select rank, job_id from "steadytick"."ready_executions" where queue_name between n.name and n.name
            and (rank, job_id) >= (coalesce((select rank from "edge"), 32767),
    coalesce((select job_id from "edge"), 'ffffffff-ffff-ffff-ffff-ffffffffffff')) order by queue_name, rank, job_id limit 1) h
        where n.name is not null and (select true from "steadytick"."pauses" p where p.queue_name = n.name) is null and (select true from entry b where b.place < e.place and n.name >= b.low and n.name < b.high limit 1) is null
        order by h.rank, h.job_id limit 50 + 10 * (select n from missing)
      ), last as materialized (
        select rank, job_id from heads order by rank, job_id offset 49 + 10 * (select n from missing) limit 1
      ), far as materialized (
        select c.place from heads h cross join lateral (
          select ctid as place, rank, job_id from "steadytick"."ready_executions" where queue_name between h.name and h.name
            and (rank, job_id) >= (h.rank, h.job_id) and (rank, job_id) <= (coalesce((select rank from "last"), 32767),
    coalesce((select job_id from "last"), 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
          order by queue_name, rank, job_id
          limit least(50 + 4 * (select n from missing), greatest((select n from missing), 6000 / (select count(*) from heads)))
        ) c order by c.rank, c.job_id limit 50 + 10 * (select n from missing)
      ), taken as materialized (
  select r.place from far c cross join lateral (
    select ctid as place from "steadytick"."ready_executions" where ctid = c.place for update skip locked
  ) r limit (select n from missing))
      select place from named union all select place from near union all select place from taken
    ) r limit (select case when exists (select 1 from "steadytick"."pauses") then n else 0 end from allowed)
  ),
    picked as materialized (select place from unpaused union all select place from ranged), gone as (
      delete from "steadytick"."ready_executions" where ctid = any(array(select place from picked)) returning job_id
    ), job as materialized (
      select id from "steadytick"."jobs" where id = any(array(select job_id from gone))
    ), held as (
      insert into "steadytick"."claimed_executions" (job_id, process_id, claim, created_at)
      select id, $11::uuid, $12::integer, now() from job
      on conflict (job_id) do nothing returning job_id
    ), invocation as (
      insert into "steadytick"."processes" (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
      select $13::uuid, $14, $15, now(), now(), (now() + $16::bigint * interval '1 millisecond')
      where $17::boolean and exists (select 1 from held)
      on conflict (id) do nothing
    )
    select id, queue_name, task_name, payload as payload, payload_meta as payload_meta,
    priority, attempts, max_attempts, releases, floor(extract(epoch from enqueued_at) * 1000)::bigint as enqueued_at, floor(extract(epoch from scheduled_at) * 1000)::bigint as scheduled_at, concurrency_key, concurrency_limit from "steadytick"."jobs" where id = any(array(
      select job_id from held
      union all
      select job_id from "steadytick"."claimed_executions" where process_id = $18::uuid and claim = $19::integer));


-- claim names
-- claim names, one of them paused


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    with recursive allowed as materialized (
      select case when not exists (
          select 1 from "steadytick"."claimed_executions" where process_id = $1::uuid and claim = $2::integer)
        and case when $3::boolean
          then not exists (select 1 from "steadytick"."processes" where id = $4::uuid)
            and (select count(*) from "steadytick"."processes" where worker = $5 and lease_expires_at > now())
              < $6::integer
          else exists (select 1 from "steadytick"."processes"
            where id = $7::uuid and worker = $8 and lease_expires_at > now()) end
        then $9::integer else 0 end as n
    ), picked as materialized (
      select r.place from (
        select q.name from json_array_elements_text($10::json) with ordinality as q(name, place)
        where not exists (select 1 from "steadytick"."pauses" p where p.queue_name = q.name) order by q.place
      ) q cross join lateral (
        select ctid as place from "steadytick"."ready_executions" where queue_name between q.name and q.name
        order by queue_name, rank, job_id limit (select n from allowed) for update skip locked
      ) r limit (select n from allowed)
    ), gone as (
      delete from "steadytick"."ready_executions" where ctid = any(array(select place from picked)) returning job_id
    ), job as materialized (
      select id from "steadytick"."jobs" where id = any(array(select job_id from gone))
    ), held as (
      insert into "steadytick"."claimed_executions" (job_id, process_id, claim, created_at)
      select id, $11::uuid, $12::integer, now() from job
      on conflict (job_id) do nothing returning job_id
    ), invocation as (
      insert into "steadytick"."processes" (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
      select $13::uuid, $14, $15, now(), now(), (now() + $16::bigint * interval '1 millisecond')
      where $17::boolean and exists (select 1 from held)
      on conflict (id) do nothing
    )
    select id, queue_name, task_name, payload as payload, payload_meta as payload_meta,
    priority, attempts, max_attempts, releases, floor(extract(epoch from enqueued_at) * 1000)::bigint as enqueued_at, floor(extract(epoch from scheduled_at) * 1000)::bigint as scheduled_at, concurrency_key, concurrency_limit from "steadytick"."jobs" where id = any(array(
      select job_id from held
      union all
      select job_id from "steadytick"."claimed_executions" where process_id = $18::uuid and claim = $19::integer));


-- claim prefixes
-- claim prefixes, one of them paused
-- claim a prefix, behind the backlog of another queue
-- claim a prefix and then the rest


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    with recursive allowed as materialized (
      select case when not exists (
          select 1 from "steadytick"."claimed_executions" where process_id = $1::uuid and claim = $2::integer)
        and case when $3::boolean
          then not exists (select 1 from "steadytick"."processes" where id = $4::uuid)
            and (select count(*) from "steadytick"."processes" where worker = $5 and lease_expires_at > now())
              < $6::integer
          else exists (select 1 from "steadytick"."processes"
            where id = $7::uuid and worker = $8 and lease_expires_at > now()) end
        then $9::integer else 0 end as n
    ), 
  entry as materialized (
    select * from json_to_recordset($10::json) as e(place integer, low text, high text, open boolean, start text)
  ), edge as materialized (
    select rank, job_id from "steadytick"."ready_executions" order by rank, job_id offset 1000 + 20 * (select n from allowed) limit 1
  ), ranged as materialized (
    select r.place from (select * from entry order by place) e cross join lateral (
      with recursive named as materialized (
        select ctid as place from "steadytick"."ready_executions" where queue_name >= e.low and queue_name < e.high
        order by queue_name, rank, job_id
        limit case when e.open or not ((select true from "steadytick"."pauses" p where p.queue_name = e.low) is null and (select true from entry b where b.place < e.place and e.low >= b.low and e.low < b.high limit 1) is null) then 0 else (select n from allowed) end
        for update skip locked
      ), near as materialized (
  select r.place from (select x.place from (
            select ctid as place, queue_name from "steadytick"."ready_executions" order by rank, job_id limit 1000 + 20 * (select n from allowed)) x
          where x.queue_name >= e.low and x.queue_name < e.high
            and (select true from "steadytick"."pauses" p where p.queue_name = x.queue_name) is null and (select true from entry b where b.place < e.place and x.queue_name >= b.low and x.queue_name < b.high limit 1) is null) c cross join lateral (
    select ctid as place from "steadytick"."ready_executions" where ctid = c.place for update skip locked
  ) r limit case when e.open then (select n from allowed) else 0 end), missing as materialized (
        select case when not e.open or (select count(*) from near) = (select n from allowed) or not exists (select 1 from edge) then 0
          else (select n from allowed) - (select count(*) from near) end as n
      ), names(name, lap, found, step) as (
        select (select min(queue_name) from "steadytick"."ready_executions" where queue_name >= e.start and queue_name < e.high), 0, 0, 1
        where (select n from missing) > 0
        union all
        select case when n.name is null
            then (select min(queue_name) from "steadytick"."ready_executions" where queue_name >= e.low and queue_name < e.start)
            else (select min(queue_name) from "steadytick"."ready_executions"
              where queue_name > n.name and queue_name < case n.lap when 0 then e.high else e.start end) end,
          n.lap + case when n.name is null then 1 else 0 end,
          n.found + case when n.name is not null and (select true from "steadytick"."pauses" p where p.queue_name = n.name) is null and (select true from entry b where b.place < e.place and n.name >= b.low and n.name < b.high limit 1) is null then 1 else 0 end,
          n.step + 1
        from names n where (n.name is not null or n.lap = 0)
          and n.found < 256 + (select n from missing) and (n.step < 1000 or n.found = 0)
      ), heads as materialized (
        select n.name, h.rank, h.job_id from names n cross join lateral (
          select rank, job_id from "steadytick"."ready_executions" where queue_name between n.name and n.name
            and (rank, job_id) >= (coalesce((select rank from "edge"), 32767),
    coalesce((select job_id from "edge"), 'ffffffff-ffff-ffff-ffff-ffffffffffff')) order by queue_name, rank, job_id limit 1) h
        where n.name is not null and (select true from "steadytick"."pauses" p where p.queue_name = n.name) is null and (select true from entry b where b.place < e.place and n.name >= b.low and n.name < b.high limit 1) is null
        order by h.rank, h.job_id limit 50 + 10 * (select n from missing)
      ), last as materialized (
        select rank, job_id from heads order by rank, job_id offset 49 + 10 * (select n from missing) limit 1
      ), far as materialized (
        select c.place from heads h cross join lateral (
          select ctid as place, rank, job_id from "steadytick"."ready_executions" where queue_name between h.name and h.name
            and (rank, job_id) >= (h.rank, h.job_id) and (rank, job_id) <= (coalesce((select rank from "last"), 32767),
    coalesce((select job_id from "last"), 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
          order by queue_name, rank, job_id
          limit least(50 + 4 * (select n from missing), greatest((select n from missing), 6000 / (select count(*) from heads)))
        ) c order by c.rank, c.job_id limit 50 + 10 * (select n from missing)
      ), taken as materialized (
  select r.place from far c cross join lateral (
    select ctid as place from "steadytick"."ready_executions" where ctid = c.place for update skip locked
  ) r limit (select n from missing))
      select place from named union all select place from near union all select place from taken
    ) r limit (select n from allowed)
  ), picked as materialized (select place from ranged), gone as (
      delete from "steadytick"."ready_executions" where ctid = any(array(select place from picked)) returning job_id
    ), job as materialized (
      select id from "steadytick"."jobs" where id = any(array(select job_id from gone))
    ), held as (
      insert into "steadytick"."claimed_executions" (job_id, process_id, claim, created_at)
      select id, $11::uuid, $12::integer, now() from job
      on conflict (job_id) do nothing returning job_id
    ), invocation as (
      insert into "steadytick"."processes" (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
      select $13::uuid, $14, $15, now(), now(), (now() + $16::bigint * interval '1 millisecond')
      where $17::boolean and exists (select 1 from held)
      on conflict (id) do nothing
    )
    select id, queue_name, task_name, payload as payload, payload_meta as payload_meta,
    priority, attempts, max_attempts, releases, floor(extract(epoch from enqueued_at) * 1000)::bigint as enqueued_at, floor(extract(epoch from scheduled_at) * 1000)::bigint as scheduled_at, concurrency_key, concurrency_limit from "steadytick"."jobs" where id = any(array(
      select job_id from held
      union all
      select job_id from "steadytick"."claimed_executions" where process_id = $18::uuid and claim = $19::integer));


-- look
-- look for workers
-- look for workers, while a queue is paused
-- look for workers of many queues


    with recursive entry(worker, low, high) as (
      select worker, low, high from (select worker, low, high from json_to_recordset($1::json) as x(worker text, low text, high text)) x
    ), seen(worker, high, name) as (
      select e.worker, e.high, (select min(queue_name) from "steadytick"."ready_executions" where queue_name >= e.low and queue_name < e.high)
      from entry e
      union all
      select s.worker, s.high, (select min(queue_name) from "steadytick"."ready_executions" where queue_name > s.name and queue_name < s.high)
      from seen s where exists (select 1 from "steadytick"."pauses" p where p.queue_name = s.name)
    ), busy(worker) as (
      select distinct s.worker from seen s
      where s.name is not null and not exists (select 1 from "steadytick"."pauses" p where p.queue_name = s.name)
    ), own_keys as materialized (select name from (select name from json_to_recordset($2::json) as x(name text)) x
    ), own_tasks as materialized (select name from (select name from json_to_recordset($3::json) as x(name text)) x
    ), facts as (
      select (select ceil(extract(epoch from (min(scheduled_at) - now())) * 1000)::bigint from "steadytick"."scheduled_executions") as next_due_ms,
        case when exists (select 1 from "steadytick"."processes" where lease_expires_at <= now())
          or exists (select 1 from "steadytick"."claimed_executions" c where not exists (select 1 from "steadytick"."processes" p where p.id = c.process_id))
          then 1 else 0 end as lost,
        case when exists (select 1 from "steadytick"."recurring_tasks" t where t.next_run_at <= now() and 
  t.task_name in (select name from own_tasks x) and (not t.static or t.key in (select name from own_keys x))
    and (t.removed_at is null or t.removed_at > (now() + -604800000::bigint * interval '1 millisecond')))
          then 1 else 0 end as occurrence_due,
        (select ceil(extract(epoch from (t.next_run_at - now())) * 1000)::bigint from "steadytick"."recurring_tasks" t
          where t.next_run_at > now() and 
  t.task_name in (select name from own_tasks x) and (not t.static or t.key in (select name from own_keys x))
    and (t.removed_at is null or t.removed_at > (now() + -604800000::bigint * interval '1 millisecond')) order by t.next_run_at limit 1
        ) as next_occurrence_ms,
        case when exists (select 1 from "steadytick"."recurring_tasks" where static and removed_at is null) then 1 else 0 end
          as has_static_tasks,
        (select -ceil(extract(epoch from (seen_at - now())) * 1000)::bigint from "steadytick"."deployments" where fingerprint = $4) as synchronized_ms_ago,
        (select -ceil(extract(epoch from (last_run_at - now())) * 1000)::bigint from "steadytick"."ticks" where actor = 'maintain') as maintained_ms_ago,
        (select -ceil(extract(epoch from (last_run_at - now())) * 1000)::bigint from "steadytick"."ticks" where actor = 'tick') as ticked_ms_ago,
        (select max(version) from "steadytick"."schema") as schema_version,
  (select max(serves_from) from "steadytick"."schema") as serves_from
    )
    select facts.*, busy.worker from facts left join busy on true;


-- enqueue
-- enqueue, limited, in a transaction


    with 
  input as materialized (
    select x.*, coalesce(run_at, (now() + delay::bigint * interval '1 millisecond')) as due_at
    from (select id, queue_name, task_name, payload::json as payload, payload_meta::json as payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, to_timestamp(recurring_at / 1000) as recurring_at, to_timestamp(run_at / 1000) as run_at, delay from json_to_recordset($1::json) as x(id uuid, queue_name text, task_name text, payload text, payload_meta text, priority bigint, max_attempts bigint, on_lost text, concurrency_key text, concurrency_limit bigint, concurrency_duration_ms bigint, on_conflict text, recurring_key text, recurring_at double precision, run_at double precision, delay bigint)) x 
  ), 
  new_job as (
    insert into "steadytick"."jobs" (id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, enqueued_at, scheduled_at)
    select id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, now(), due_at
    from input  returning id, queue_name, -priority as rank, concurrency_key, scheduled_at
  ), new_ready as (
      insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
      select id, queue_name, rank, now() from new_job
      where scheduled_at <= now() and concurrency_key is null
    )
    insert into "steadytick"."scheduled_executions" (job_id, queue_name, rank, concurrency_key, scheduled_at)
    select id, queue_name, rank, concurrency_key, scheduled_at from new_job
    where scheduled_at > now() or concurrency_key is not null
    returning job_id, 'scheduled' as state;


-- dispatch 20
-- dispatch 500


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select s.concurrency_key, j.concurrency_limit, j.id from (
      select job_id, concurrency_key from "steadytick"."scheduled_executions" where scheduled_at <= now()
      order by scheduled_at, rank, job_id limit $1::integer
    ) s join "steadytick"."jobs" j on j.id = s.job_id where s.concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    with due as materialized (
      select job_id from "steadytick"."scheduled_executions" s where scheduled_at <= now() and (s.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = s.concurrency_key) = $1::uuid, false))
      order by scheduled_at, rank, job_id limit $2::integer for update skip locked
    ), gone as (
      delete from "steadytick"."scheduled_executions" where job_id = any(array(select job_id from due))
      returning job_id, queue_name, rank, concurrency_key
    ), candidate as (
      select j.id, g.queue_name, g.rank, g.concurrency_key, j.concurrency_duration_ms, j.on_conflict
      from gone g join "steadytick"."jobs" j on j.id = g.job_id
        and j.id = any(array(select job_id from gone where concurrency_key is not null))
    ), 
  candidate_key as materialized (
    select s.key, case when exists (select 1 from "steadytick"."blocked_executions" b where b.concurrency_key = s.key) then 0
      else s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key) end as free
    from "steadytick"."semaphores" s where s.key = any(array(select concurrency_key from candidate)) and s.batch = $3::uuid
  ), placed as materialized (
    select c.*, case when place <= free then 'ready' when on_conflict = 'skip' then 'skipped' else 'blocked' end as state
    from (
      select c.*, k.free, row_number() over (partition by c.concurrency_key order by c.rank, c.id) as place
      from candidate c join candidate_key k on k.key = c.concurrency_key
    ) c
  ), new_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select id, concurrency_key, concurrency_duration_ms from placed where state = 'ready' on conflict (job_id) do nothing
  ), new_blocked as (
    insert into "steadytick"."blocked_executions" (job_id, queue_name, rank, concurrency_key, created_at)
    select id, queue_name, rank, concurrency_key, now() from placed where state = 'blocked'
  ), new_ready as (
      insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
      select job_id, queue_name, rank, now() from gone where concurrency_key is null
      union all
      select id, queue_name, rank, now() from placed where state = 'ready'
    ), skipped as (
      update "steadytick"."jobs" set finished_at = now(), outcome = 'skipped'
      where id = any(array(select id from placed where state = 'skipped')) returning id
    )
    select (select count(*) from gone) as dispatched, (select count(*) from skipped) as skipped;


-- prune


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select j.concurrency_key, j.concurrency_limit, j.id from "steadytick"."claimed_executions" c join "steadytick"."jobs" j on j.id = c.job_id
    where j.concurrency_key is not null and (
      c.process_id = any(array(
        select id from "steadytick"."processes" where lease_expires_at <= now() order by lease_expires_at limit $1::integer))
      or not exists (select 1 from "steadytick"."processes" p where p.id = c.process_id))
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    with dead as materialized (
      select id, name, last_heartbeat_at from "steadytick"."processes" where lease_expires_at <= now()
      order by lease_expires_at limit $1::integer for update skip locked
    ), lost as materialized (
      select job_id, process_id from "steadytick"."claimed_executions" c
      where (process_id = any(array(select id from dead))
        or not exists (select 1 from "steadytick"."processes" p where p.id = c.process_id)) and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = c.job_id), true)
      for update skip locked
    ), own as (
      delete from "steadytick"."claimed_executions" where job_id = any(array(select job_id from lost))
      returning job_id, process_id, created_at, cancel_requested
    ), explained as (
      select o.*, case when d.id is null
          then 'The invocation ' || o.process_id || ' that was performing this job no longer exists.'
          else 'The invocation ' || o.process_id || ' (' || d.name || ') that was performing this job was lost: its lease expired, '
            || 'and its last heartbeat was at ' || to_char(d.last_heartbeat_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '. It was killed, could not reach the database, or stood still: a handler that computes without a pause keeps its process from renewing the lease.'
        end as message
      from own o left join dead d on d.id = o.process_id
    ), settled as (
      update "steadytick"."jobs" j set
        losses = j.losses + 1,
        started_at = x.created_at,
        scheduled_at = case when not x.cancel_requested and j.on_lost = 'retry' and (j.losses + 1) < 3
          then now() else j.scheduled_at end,
        finished_at = case when x.cancel_requested then now() end,
        outcome = case when x.cancel_requested then 'cancelled' end,
        errors = (case when j.errors is null or jsonb_typeof(j.errors) <> 'array' then '[]'
    when jsonb_array_length(j.errors) >= 10 then j.errors - 0 else j.errors end
    || jsonb_build_array(jsonb_build_object('name', 'ProcessPrunedError',
          'message', x.message || case when j.on_lost = 'retry' and (j.losses + 1) >= 3
    then ' ' || (j.losses + 1) || ' invocations were lost with this job, so it does not run again by itself: find out what ends them, then retry it.'
    else '' end,
          'stack', null, 'attempt', j.attempts + 1) || jsonb_build_object('at', floor(extract(epoch from now()) * 1000))))
      from explained x where j.id = x.job_id and j.id = any(array(select job_id from own))
      returning j.id, j.queue_name, j.task_name, -j.priority as rank, j.concurrency_key, j.errors -> -1 as error, x.process_id,
        case when x.cancel_requested then 'cancelled'
          when j.on_lost = 'retry' and j.losses < 3 then 'retried' else 'failed' end as kind
    ), retried as (
      insert into "steadytick"."scheduled_executions" (job_id, queue_name, rank, concurrency_key, scheduled_at)
      select id, queue_name, rank, concurrency_key, now() from settled where kind = 'retried'
    ), failure as (
      insert into "steadytick"."failed_executions" (job_id, fingerprint, error, created_at)
      select id, task_name || '/' || $3, error, now() from settled where kind = 'failed'
      on conflict (job_id) do update set fingerprint = excluded.fingerprint, error = excluded.error, created_at = excluded.created_at
    ), freed as (
      delete from "steadytick"."permits" where job_id = any(array(select id from settled)) returning concurrency_key
    ), 
  open_key as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key)
      + (select count(*) from freed f where f.concurrency_key = s.key) as free
    from "steadytick"."semaphores" s where s.key = any(array(select concurrency_key from settled)) and s.batch = $4::uuid
  ), next_up as materialized (
    select b.job_id from open_key k cross join lateral (
      select job_id from "steadytick"."blocked_executions" where concurrency_key between k.key and k.key
        
      order by concurrency_key, rank, job_id limit greatest(k.free, 0)
    ) b
  ), unblocked as (
    delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from next_up))
    returning job_id, queue_name, rank, concurrency_key
  ), unblocked_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select job_id, concurrency_key, (select concurrency_duration_ms from "steadytick"."jobs" where id = u.job_id) from unblocked u
    on conflict (job_id) do nothing
  ), unblocked_ready as (
    insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
    select job_id, queue_name, rank, now() from unblocked
  ), retired as (
      delete from "steadytick"."processes" p where id = any(array(select id from dead)) and not exists (
        select 1 from "steadytick"."claimed_executions" c where c.process_id = p.id and c.job_id <> all(array(select job_id from own)))
    )
    select id as job_id, process_id, task_name, queue_name, kind from settled;


-- clear 20 finished
-- clear 500 finished


    delete from "steadytick"."jobs" where id = any(array(
      select id from "steadytick"."jobs" where finished_at <= (now() + $1::bigint * interval '1 millisecond')
      order by finished_at limit $2::integer for update skip locked));


-- clear 20 failed
-- clear 500 failed


    with gone as (
      delete from "steadytick"."failed_executions" where job_id = any(array(
        select job_id from "steadytick"."failed_executions" where created_at <= (now() + $1::bigint * interval '1 millisecond')
        order by created_at limit $2::integer for update skip locked))
      returning job_id
    )
    delete from "steadytick"."jobs" where id = any(array(select job_id from gone));


-- settle


    with process as materialized (
      select id from "steadytick"."processes" where id = $1::uuid for update
    ), ending as materialized (
      select * from json_to_recordset($2::json) as x(id uuid, claim integer, kind text, result text,
        result_meta text, progress text, error text, fingerprint text, delay bigint, spent integer, whole integer)
    ), own as (
      delete from "steadytick"."claimed_executions" c using process p, ending e
      where c.job_id = e.id and c.process_id = p.id and c.claim = e.claim
      returning c.job_id, c.created_at, c.cancel_requested
    ), ended as materialized (
      select e.*, o.created_at as claimed_at,
        case when o.cancel_requested and e.kind in ('retried', 'released') then 'cancelled' else e.kind end as became
      from own o join ending e on e.id = o.job_id
    ), settled as (
      update "steadytick"."jobs" j set
        attempts = j.attempts + e.spent,
        releases = j.releases + e.whole,
        started_at = case when e.spent = 1 then e.claimed_at else j.started_at end,
        finished_at = case when e.became in ('succeeded', 'cancelled') then now() end,
        outcome = case when e.became in ('succeeded', 'cancelled') then e.became end,
        result = e.result::json,
        result_meta = e.result_meta::json,
        progress = coalesce(e.progress::json, j.progress),
        scheduled_at = case when e.became = 'retried' then (now() + e.delay::bigint * interval '1 millisecond')  else j.scheduled_at end,
        errors = case when e.error is null then j.errors else (case when j.errors is null or jsonb_typeof(j.errors) <> 'array' then '[]'
    when jsonb_array_length(j.errors) >= 10 then j.errors - 0 else j.errors end
    || jsonb_build_array(e.error::jsonb || jsonb_build_object('at', floor(extract(epoch from now()) * 1000)))) end
      from ended e where j.id = e.id
      returning j.id, j.task_name, j.queue_name, -j.priority as rank, j.concurrency_key, j.scheduled_at, e.became, e.error, e.fingerprint
    ), retried as (
      insert into "steadytick"."scheduled_executions" (job_id, queue_name, rank, concurrency_key, scheduled_at)
      select id, queue_name, rank, concurrency_key, scheduled_at from settled
      where became = 'retried' 
    ), failure as (
      insert into "steadytick"."failed_executions" (job_id, fingerprint, error, created_at)
      select id, task_name || '/' || fingerprint, error::jsonb, now() from settled where became = 'failed'
      on conflict (job_id) do update set fingerprint = excluded.fingerprint, error = excluded.error, created_at = excluded.created_at
    ),  released as (
      insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
      select id, queue_name, rank, now() from settled
      where became = 'released' 
      on conflict do nothing
    )
    select job_id, case when cancel_requested then 1 else 0 end as cancel_requested from own;


-- renew, with progress


    update "steadytick"."jobs" j set progress = x.progress::json
    from json_to_recordset($1::json) as x(id uuid, progress text), "steadytick"."claimed_executions" c
    where j.id = x.id and c.job_id = x.id and c.process_id = $2::uuid;


    update "steadytick"."processes" set last_heartbeat_at = now(), lease_expires_at = (now() + $1::bigint * interval '1 millisecond') where id = $2;


    select p.id, c.job_id from "steadytick"."processes" p left join "steadytick"."claimed_executions" c on c.process_id = p.id and c.cancel_requested
    where p.id = $1;


-- bring leases back


    update "steadytick"."processes" set lease_expires_at = now() + (lease_expires_at - last_heartbeat_at), last_heartbeat_at = now()
    where last_heartbeat_at > (now() + 3600000::bigint * interval '1 millisecond');


-- listen


    select p.id, c.job_id from "steadytick"."processes" p left join "steadytick"."claimed_executions" c on c.process_id = p.id and c.cancel_requested
    where p.id = $1;


-- retireWithTombstone


    insert into "steadytick"."processes" (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
    values ($1, '', 'ended', now(), now(), (now() + $2::bigint * interval '1 millisecond'))
    on conflict (id) do update set worker = excluded.worker, lease_expires_at = excluded.lease_expires_at
    where not exists (select 1 from "steadytick"."claimed_executions" where process_id = $3);


-- retire


    delete from "steadytick"."processes"
    where id = $1 and not exists (select 1 from "steadytick"."claimed_executions" where process_id = $2);


-- enqueue, limited


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    with 
  input as materialized (
    select x.*, coalesce(run_at, (now() + delay::bigint * interval '1 millisecond')) as due_at
    from (select id, queue_name, task_name, payload::json as payload, payload_meta::json as payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, to_timestamp(recurring_at / 1000) as recurring_at, to_timestamp(run_at / 1000) as run_at, delay from json_to_recordset($1::json) as x(id uuid, queue_name text, task_name text, payload text, payload_meta text, priority bigint, max_attempts bigint, on_lost text, concurrency_key text, concurrency_limit bigint, concurrency_duration_ms bigint, on_conflict text, recurring_key text, recurring_at double precision, run_at double precision, delay bigint)) x 
  ), candidate as (
      select id, queue_name, -priority as rank, concurrency_key, concurrency_duration_ms, on_conflict
      from input where due_at <= now() and concurrency_key is not null
    ), 
  candidate_key as materialized (
    select s.key, case when exists (select 1 from "steadytick"."blocked_executions" b where b.concurrency_key = s.key) then 0
      else s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key) end as free
    from "steadytick"."semaphores" s where s.key = any(array(select concurrency_key from candidate)) and s.batch = $2::uuid
  ), placed as materialized (
    select c.*, case when place <= free then 'ready' when on_conflict = 'skip' then 'skipped' else 'blocked' end as state
    from (
      select c.*, k.free, row_number() over (partition by c.concurrency_key order by c.rank, c.id) as place
      from candidate c join candidate_key k on k.key = c.concurrency_key
    ) c
  ), new_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select id, concurrency_key, concurrency_duration_ms from placed where state = 'ready' on conflict (job_id) do nothing
  ), new_blocked as (
    insert into "steadytick"."blocked_executions" (job_id, queue_name, rank, concurrency_key, created_at)
    select id, queue_name, rank, concurrency_key, now() from placed where state = 'blocked'
  ), 
  new_job as (
    insert into "steadytick"."jobs" (id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, enqueued_at, scheduled_at)
    select id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, now(), due_at
    from input where id <> all(array(select id from placed where state = 'skipped')) returning id, queue_name, -priority as rank, concurrency_key, scheduled_at
  ), new_ready as (
      insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
      select id, queue_name, rank, now() from new_job j where scheduled_at <= now()
        and (concurrency_key is null or exists (select 1 from placed p where p.id = j.id and p.state = 'ready'))
    ), new_scheduled as (
      insert into "steadytick"."scheduled_executions" (job_id, queue_name, rank, concurrency_key, scheduled_at)
      select id, queue_name, rank, concurrency_key, scheduled_at from new_job where scheduled_at > now()
      returning job_id
    )
    select job_id, 'scheduled' as state, null as held_by from new_scheduled
    union all
    select id, state, case when state = 'skipped' then (
      select json_agg(job_id)::text from (
        select job_id from "steadytick"."permits" h where h.concurrency_key = p.concurrency_key
        union all
        select id from placed o where o.concurrency_key = p.concurrency_key and o.state = 'ready' limit 10
      ) holders) end
    from placed p where state <> 'ready';


-- settle, limited


      with process as materialized (select id from "steadytick"."processes" where id = $1::uuid for update), asked(key, concurrency_limit, job_id) as materialized (
        select k.* from process cross join (
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($2::json) as x(key text, concurrency_limit integer, job_id uuid)) k
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $3::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    with process as materialized (
      select id from "steadytick"."processes" where id = $1::uuid for update
    ), ending as materialized (
      select * from json_to_recordset($2::json) as x(id uuid, claim integer, kind text, result text,
        result_meta text, progress text, error text, fingerprint text, delay bigint, spent integer, whole integer)
    ), own as (
      delete from "steadytick"."claimed_executions" c using process p, ending e
      where c.job_id = e.id and c.process_id = p.id and c.claim = e.claim
      returning c.job_id, c.created_at, c.cancel_requested
    ), ended as materialized (
      select e.*, o.created_at as claimed_at,
        case when o.cancel_requested and e.kind in ('retried', 'released') then 'cancelled' else e.kind end as became
      from own o join ending e on e.id = o.job_id
    ), settled as (
      update "steadytick"."jobs" j set
        attempts = j.attempts + e.spent,
        releases = j.releases + e.whole,
        started_at = case when e.spent = 1 then e.claimed_at else j.started_at end,
        finished_at = case when e.became in ('succeeded', 'cancelled') then now() end,
        outcome = case when e.became in ('succeeded', 'cancelled') then e.became end,
        result = e.result::json,
        result_meta = e.result_meta::json,
        progress = coalesce(e.progress::json, j.progress),
        scheduled_at = case when e.became = 'retried' then (now() + e.delay::bigint * interval '1 millisecond') when e.became = 'released' and not (j.concurrency_key is null or exists (select 1 from "steadytick"."permits" p where p.job_id = j.id)) then now() else j.scheduled_at end,
        errors = case when e.error is null then j.errors else (case when j.errors is null or jsonb_typeof(j.errors) <> 'array' then '[]'
    when jsonb_array_length(j.errors) >= 10 then j.errors - 0 else j.errors end
    || jsonb_build_array(e.error::jsonb || jsonb_build_object('at', floor(extract(epoch from now()) * 1000)))) end
      from ended e where j.id = e.id
      returning j.id, j.task_name, j.queue_name, -j.priority as rank, j.concurrency_key, j.scheduled_at, e.became, e.error, e.fingerprint
    ), retried as (
      insert into "steadytick"."scheduled_executions" (job_id, queue_name, rank, concurrency_key, scheduled_at)
      select id, queue_name, rank, concurrency_key, scheduled_at from settled
      where became = 'retried' or became = 'released' and not (settled.concurrency_key is null or exists (select 1 from "steadytick"."permits" p where p.job_id = settled.id))
    ), failure as (
      insert into "steadytick"."failed_executions" (job_id, fingerprint, error, created_at)
      select id, task_name || '/' || fingerprint, error::jsonb, now() from settled where became = 'failed'
      on conflict (job_id) do update set fingerprint = excluded.fingerprint, error = excluded.error, created_at = excluded.created_at
    ), 
  freed as (
    delete from "steadytick"."permits" where job_id = any(array(select id from settled where became <> 'released'))
    returning concurrency_key
  ), 
  open_key as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key)
      + (select count(*) from freed f where f.concurrency_key = s.key) as free
    from "steadytick"."semaphores" s where s.key = any(array(select concurrency_key from settled)) and s.batch = $3::uuid
  ), next_up as materialized (
    select b.job_id from open_key k cross join lateral (
      select job_id from "steadytick"."blocked_executions" where concurrency_key between k.key and k.key
        
      order by concurrency_key, rank, job_id limit greatest(k.free, 0)
    ) b
  ), unblocked as (
    delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from next_up))
    returning job_id, queue_name, rank, concurrency_key
  ), unblocked_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select job_id, concurrency_key, (select concurrency_duration_ms from "steadytick"."jobs" where id = u.job_id) from unblocked u
    on conflict (job_id) do nothing
  ), unblocked_ready as (
    insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
    select job_id, queue_name, rank, now() from unblocked
  ), released as (
      insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
      select id, queue_name, rank, now() from settled
      where became = 'released' and (settled.concurrency_key is null or exists (select 1 from "steadytick"."permits" p where p.job_id = settled.id))
      on conflict do nothing
    )
    select job_id, case when cancel_requested then 1 else 0 end as cancel_requested from own;


-- keys to repair


    select key from (
      select j.concurrency_key as key from "steadytick"."claimed_executions" c cross join "steadytick"."jobs" j
      cross join "steadytick"."permits" p
      where j.id = c.job_id and p.concurrency_key = j.concurrency_key and p.job_id = c.job_id
        and ceil(extract(epoch from (c.created_at - now())) * 1000)::bigint <= -p.duration_ms
      union
      select key from (
        select s.key, s.concurrency_limit, (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key) as held,
          case when exists (select 1 from "steadytick"."blocked_executions" b where b.concurrency_key = s.key) then 1 else 0 end as waited_for
        from "steadytick"."semaphores" s where s.concurrency_limit is not null and s.key > $1
      ) keys where waited_for = 1 and held < concurrency_limit or waited_for = 0 and held = 0
    ) keys where key > $2 order by key limit $3;


-- repair


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    delete from "steadytick"."semaphores" s where key = any(array(select key from json_array_elements_text($1::json) as x(key))) and batch = $2::uuid
      and not exists (select 1 from "steadytick"."permits" p where p.concurrency_key = s.key)
      and not exists (select 1 from "steadytick"."blocked_executions" b where b.concurrency_key = s.key);


    with expired as materialized (
      select p.job_id from "steadytick"."permits" p join "steadytick"."claimed_executions" c on c.job_id = p.job_id
      where p.concurrency_key = any(array(select key from json_array_elements_text($1::json) as x(key))) and ceil(extract(epoch from (c.created_at - now())) * 1000)::bigint <= -p.duration_ms
        and exists (select 1 from "steadytick"."semaphores" s where s.key = p.concurrency_key and s.batch = $2::uuid)
    ), freed as (
      delete from "steadytick"."permits" where job_id = any(array(select job_id from expired)) returning concurrency_key
    ), 
  open_key as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key)
      + (select count(*) from freed f where f.concurrency_key = s.key) as free
    from "steadytick"."semaphores" s where s.key = any(array(select key from json_array_elements_text($3::json) as x(key))) and s.batch = $4::uuid
  ), next_up as materialized (
    select b.job_id from open_key k cross join lateral (
      select job_id from "steadytick"."blocked_executions" where concurrency_key between k.key and k.key
        
      order by concurrency_key, rank, job_id limit greatest(k.free, 0)
    ) b
  ), unblocked as (
    delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from next_up))
    returning job_id, queue_name, rank, concurrency_key
  ), unblocked_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select job_id, concurrency_key, (select concurrency_duration_ms from "steadytick"."jobs" where id = u.job_id) from unblocked u
    on conflict (job_id) do nothing
  ), unblocked_ready as (
    insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
    select job_id, queue_name, rank, now() from unblocked
  )
    select (select count(*) from freed) as expired, (select count(*) from unblocked) as unblocked;


-- list keys
-- list keys, behind many that nothing holds


    with recursive used(key, place) as (
      select (select min(key) from (
  select (select min(concurrency_key) from "steadytick"."permits" where concurrency_key > $1) as key
  union all select (select min(concurrency_key) from "steadytick"."blocked_executions" where concurrency_key > $2)) held_or_waited_for), 1
      union all
      select (select min(key) from (
  select (select min(concurrency_key) from "steadytick"."permits" where concurrency_key > u.key) as key
  union all select (select min(concurrency_key) from "steadytick"."blocked_executions" where concurrency_key > u.key)) held_or_waited_for), u.place + 1 from used u where u.key is not null and u.place < $3
    )
    select u.key, (select s.concurrency_limit from "steadytick"."semaphores" s where s.key = u.key) as concurrency_limit,
      (select count(*) from (select 1 from "steadytick"."permits" p where p.concurrency_key between u.key and u.key limit $4) counted) as held,
      (select count(*) from (select 1 from "steadytick"."blocked_executions" b where b.concurrency_key between u.key and u.key limit $5) counted) as blocked
    from used u where u.key is not null order by u.key;


-- holders


  select j.id, j.task_name, floor(extract(epoch from coalesce(c.created_at, j.scheduled_at)) * 1000)::bigint as since,
    case when c.job_id is null then 'ready' else 'claimed' end as state
  from "steadytick"."permits" p cross join "steadytick"."jobs" j left join "steadytick"."claimed_executions" c on c.job_id = j.id
  where j.id = p.job_id and p.concurrency_key = $1 limit $2;


-- holders of a job


    
  select j.id, j.task_name, floor(extract(epoch from coalesce(c.created_at, j.scheduled_at)) * 1000)::bigint as since,
    case when c.job_id is null then 'ready' else 'claimed' end as state
  from (select id::uuid from json_array_elements_text($1::json) as x(id)) i cross join "steadytick"."jobs" w cross join "steadytick"."permits" p cross join "steadytick"."jobs" j left join "steadytick"."claimed_executions" c on c.job_id = j.id
  where j.id = p.job_id
      and w.id = i.id and p.concurrency_key = w.concurrency_key limit $2;


-- retry


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


      with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), "failed_picked" as materialized (
        select job_id from "steadytick"."failed_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "failed_gone" as (
        delete from "steadytick"."failed_executions" where job_id = any(array(select job_id from "failed_picked"))
        returning job_id
      ), job as (
        update "steadytick"."jobs" set attempts = 0, releases = 0, losses = 0, scheduled_at = now(), retried_at = now() where id = any(array(select job_id from "failed_gone"))
        returning id, queue_name, -priority as rank, concurrency_key, concurrency_duration_ms, 'block' as on_conflict
      ), candidate as (
        select * from job where concurrency_key is not null
      ), 
  candidate_key as materialized (
    select s.key, case when exists (select 1 from "steadytick"."blocked_executions" b where b.concurrency_key = s.key) then 0
      else s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key) end as free
    from "steadytick"."semaphores" s where s.key = any(array(select concurrency_key from candidate)) and s.batch = $3::uuid
  ), placed as materialized (
    select c.*, case when place <= free then 'ready' when on_conflict = 'skip' then 'skipped' else 'blocked' end as state
    from (
      select c.*, k.free, row_number() over (partition by c.concurrency_key order by c.rank, c.id) as place
      from candidate c join candidate_key k on k.key = c.concurrency_key
    ) c
  ), new_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select id, concurrency_key, concurrency_duration_ms from placed where state = 'ready' on conflict (job_id) do nothing
  ), new_blocked as (
    insert into "steadytick"."blocked_executions" (job_id, queue_name, rank, concurrency_key, created_at)
    select id, queue_name, rank, concurrency_key, now() from placed where state = 'blocked'
  ), new_ready as (
        insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
        select id, queue_name, rank, now() from job where concurrency_key is null
        union all
        select id, queue_name, rank, now() from placed where state = 'ready'
      )
      select id as job_id from job;


-- run now


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


      with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), "scheduled_picked" as materialized (
        select job_id from "steadytick"."scheduled_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "scheduled_gone" as (
        delete from "steadytick"."scheduled_executions" where job_id = any(array(select job_id from "scheduled_picked"))
        returning job_id
      ), job as (
        update "steadytick"."jobs" set scheduled_at = least(scheduled_at, now()) where id = any(array(select job_id from "scheduled_gone"))
        returning id, queue_name, -priority as rank, concurrency_key, concurrency_duration_ms, 'block' as on_conflict
      ), candidate as (
        select * from job where concurrency_key is not null
      ), 
  candidate_key as materialized (
    select s.key, case when exists (select 1 from "steadytick"."blocked_executions" b where b.concurrency_key = s.key) then 0
      else s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key) end as free
    from "steadytick"."semaphores" s where s.key = any(array(select concurrency_key from candidate)) and s.batch = $3::uuid
  ), placed as materialized (
    select c.*, case when place <= free then 'ready' when on_conflict = 'skip' then 'skipped' else 'blocked' end as state
    from (
      select c.*, k.free, row_number() over (partition by c.concurrency_key order by c.rank, c.id) as place
      from candidate c join candidate_key k on k.key = c.concurrency_key
    ) c
  ), new_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select id, concurrency_key, concurrency_duration_ms from placed where state = 'ready' on conflict (job_id) do nothing
  ), new_blocked as (
    insert into "steadytick"."blocked_executions" (job_id, queue_name, rank, concurrency_key, created_at)
    select id, queue_name, rank, concurrency_key, now() from placed where state = 'blocked'
  ), new_ready as (
        insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
        select id, queue_name, rank, now() from job where concurrency_key is null
        union all
        select id, queue_name, rank, now() from placed where state = 'ready'
      )
      select id as job_id from job;


-- discard ready


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


      with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), "ready_picked" as materialized (
        select job_id from "steadytick"."ready_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "ready_gone" as (
        delete from "steadytick"."ready_executions" where job_id = any(array(select job_id from "ready_picked"))
        returning job_id
      )
        , 
  freed as (
    delete from "steadytick"."permits" where job_id = any(array(select job_id from "ready_gone"))
    returning concurrency_key
  ), 
  open_key as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key)
      + (select count(*) from freed f where f.concurrency_key = s.key) as free
    from "steadytick"."semaphores" s where s.key = any(array(select concurrency_key from freed)) and s.batch = $3::uuid
  ), next_up as materialized (
    select b.job_id from open_key k cross join lateral (
      select job_id from "steadytick"."blocked_executions" where concurrency_key between k.key and k.key
        
      order by concurrency_key, rank, job_id limit greatest(k.free, 0)
    ) b
  ), unblocked as (
    delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from next_up))
    returning job_id, queue_name, rank, concurrency_key
  ), unblocked_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select job_id, concurrency_key, (select concurrency_duration_ms from "steadytick"."jobs" where id = u.job_id) from unblocked u
    on conflict (job_id) do nothing
  ), unblocked_ready as (
    insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
    select job_id, queue_name, rank, now() from unblocked
  )
      delete from "steadytick"."jobs" where id = any(array(select job_id from "ready_gone")) returning id as job_id;


-- discard ready, of any state
-- discard scheduled, of any state
-- discard blocked, of any state
-- discard failed, of any state


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    delete from "steadytick"."jobs" where id in (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i) and outcome is not null returning id as job_id;


      with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), "ready_picked" as materialized (
        select job_id from "steadytick"."ready_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "ready_gone" as (
        delete from "steadytick"."ready_executions" where job_id = any(array(select job_id from "ready_picked"))
        returning job_id
      ), "scheduled_picked" as materialized (
        select job_id from "steadytick"."scheduled_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $3::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "scheduled_gone" as (
        delete from "steadytick"."scheduled_executions" where job_id = any(array(select job_id from "scheduled_picked"))
        returning job_id
      ), "blocked_picked" as materialized (
        select job_id from "steadytick"."blocked_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $4::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "blocked_gone" as (
        delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from "blocked_picked"))
        returning job_id
      ), "failed_picked" as materialized (
        select job_id from "steadytick"."failed_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $5::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "failed_gone" as (
        delete from "steadytick"."failed_executions" where job_id = any(array(select job_id from "failed_picked"))
        returning job_id
      )
        , 
  freed as (
    delete from "steadytick"."permits" where job_id = any(array(select job_id from "ready_gone"))
    returning concurrency_key
  ), 
  open_key as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key)
      + (select count(*) from freed f where f.concurrency_key = s.key) as free
    from "steadytick"."semaphores" s where s.key = any(array(select concurrency_key from freed)) and s.batch = $6::uuid
  ), next_up as materialized (
    select b.job_id from open_key k cross join lateral (
      select job_id from "steadytick"."blocked_executions" where concurrency_key between k.key and k.key
        and job_id <> all(array(select id from given))
      order by concurrency_key, rank, job_id limit greatest(k.free, 0)
    ) b
  ), unblocked as (
    delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from next_up))
    returning job_id, queue_name, rank, concurrency_key
  ), unblocked_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select job_id, concurrency_key, (select concurrency_duration_ms from "steadytick"."jobs" where id = u.job_id) from unblocked u
    on conflict (job_id) do nothing
  ), unblocked_ready as (
    insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
    select job_id, queue_name, rank, now() from unblocked
  )
      delete from "steadytick"."jobs" where id = any(array(select job_id from "ready_gone" union all select job_id from "scheduled_gone" union all select job_id from "blocked_gone" union all select job_id from "failed_gone")) returning id as job_id;


-- discard scheduled


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


      with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), "scheduled_picked" as materialized (
        select job_id from "steadytick"."scheduled_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "scheduled_gone" as (
        delete from "steadytick"."scheduled_executions" where job_id = any(array(select job_id from "scheduled_picked"))
        returning job_id
      )
        
      delete from "steadytick"."jobs" where id = any(array(select job_id from "scheduled_gone")) returning id as job_id;


-- discard blocked


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


      with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), "blocked_picked" as materialized (
        select job_id from "steadytick"."blocked_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "blocked_gone" as (
        delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from "blocked_picked"))
        returning job_id
      )
        
      delete from "steadytick"."jobs" where id = any(array(select job_id from "blocked_gone")) returning id as job_id;


-- discard failed


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


      with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), "failed_picked" as materialized (
        select job_id from "steadytick"."failed_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "failed_gone" as (
        delete from "steadytick"."failed_executions" where job_id = any(array(select job_id from "failed_picked"))
        returning job_id
      )
        
      delete from "steadytick"."jobs" where id = any(array(select job_id from "failed_gone")) returning id as job_id;


-- discard finished


    delete from "steadytick"."jobs" where id in (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i) and outcome is not null returning id as job_id;


-- cancel ready


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;

with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), 
  "ready_picked" as materialized (
        select job_id from "steadytick"."ready_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "ready_gone" as (
        delete from "steadytick"."ready_executions" where job_id = any(array(select job_id from "ready_picked"))
        returning job_id
      ) , 
  freed as (
    delete from "steadytick"."permits" where job_id = any(array(select job_id from "ready_gone"))
    returning concurrency_key
  ), 
  open_key as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key)
      + (select count(*) from freed f where f.concurrency_key = s.key) as free
    from "steadytick"."semaphores" s where s.key = any(array(select concurrency_key from freed)) and s.batch = $3::uuid
  ), next_up as materialized (
    select b.job_id from open_key k cross join lateral (
      select job_id from "steadytick"."blocked_executions" where concurrency_key between k.key and k.key
        
      order by concurrency_key, rank, job_id limit greatest(k.free, 0)
    ) b
  ), unblocked as (
    delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from next_up))
    returning job_id, queue_name, rank, concurrency_key
  ), unblocked_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select job_id, concurrency_key, (select concurrency_duration_ms from "steadytick"."jobs" where id = u.job_id) from unblocked u
    on conflict (job_id) do nothing
  ), unblocked_ready as (
    insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
    select job_id, queue_name, rank, now() from unblocked
  ), done as (
    update "steadytick"."jobs" set finished_at = now(), outcome = 'cancelled' where id = any(array(select job_id from "ready_gone")) returning id
  ) select id as job_id, 'cancelled' as kind from done;


-- cancel ready, of any state
-- cancel scheduled, of any state
-- cancel blocked, of any state
-- cancel claimed, of any state


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), 
  "ready_picked" as materialized (
        select job_id from "steadytick"."ready_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "ready_gone" as (
        delete from "steadytick"."ready_executions" where job_id = any(array(select job_id from "ready_picked"))
        returning job_id
      ), "scheduled_picked" as materialized (
        select job_id from "steadytick"."scheduled_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $3::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "scheduled_gone" as (
        delete from "steadytick"."scheduled_executions" where job_id = any(array(select job_id from "scheduled_picked"))
        returning job_id
      ), "blocked_picked" as materialized (
        select job_id from "steadytick"."blocked_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $4::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "blocked_gone" as (
        delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from "blocked_picked"))
        returning job_id
      ) , 
  freed as (
    delete from "steadytick"."permits" where job_id = any(array(select job_id from "ready_gone"))
    returning concurrency_key
  ), 
  open_key as materialized (
    select s.key, s.concurrency_limit - (select count(*) from "steadytick"."permits" p where p.concurrency_key = s.key)
      + (select count(*) from freed f where f.concurrency_key = s.key) as free
    from "steadytick"."semaphores" s where s.key = any(array(select concurrency_key from freed)) and s.batch = $5::uuid
  ), next_up as materialized (
    select b.job_id from open_key k cross join lateral (
      select job_id from "steadytick"."blocked_executions" where concurrency_key between k.key and k.key
        and job_id <> all(array(select id from given))
      order by concurrency_key, rank, job_id limit greatest(k.free, 0)
    ) b
  ), unblocked as (
    delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from next_up))
    returning job_id, queue_name, rank, concurrency_key
  ), unblocked_permit as (
    insert into "steadytick"."permits" (job_id, concurrency_key, duration_ms)
    select job_id, concurrency_key, (select concurrency_duration_ms from "steadytick"."jobs" where id = u.job_id) from unblocked u
    on conflict (job_id) do nothing
  ), unblocked_ready as (
    insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
    select job_id, queue_name, rank, now() from unblocked
  ), done as (
    update "steadytick"."jobs" set finished_at = now(), outcome = 'cancelled' where id = any(array(select job_id from "ready_gone" union all select job_id from "scheduled_gone" union all select job_id from "blocked_gone")) returning id
  ), 
  picked as materialized (
    select job_id from "steadytick"."claimed_executions" where job_id = any(array(select id from given)) order by job_id for update
  ), asked as (
    update "steadytick"."claimed_executions" set cancel_requested = true where job_id = any(array(select job_id from picked)) returning job_id
  )
    select id as job_id, 'cancelled' as kind from done union all select job_id, 'requested' as kind from asked;


-- cancel scheduled


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;

with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), 
  "scheduled_picked" as materialized (
        select job_id from "steadytick"."scheduled_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "scheduled_gone" as (
        delete from "steadytick"."scheduled_executions" where job_id = any(array(select job_id from "scheduled_picked"))
        returning job_id
      ) , done as (
    update "steadytick"."jobs" set finished_at = now(), outcome = 'cancelled' where id = any(array(select job_id from "scheduled_gone")) returning id
  ) select id as job_id, 'cancelled' as kind from done;


-- cancel blocked


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;

with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), 
  "blocked_picked" as materialized (
        select job_id from "steadytick"."blocked_executions" t where job_id = any(array(select id from given))
          and coalesce((select (j.concurrency_key is null or coalesce((select m.batch from "steadytick"."semaphores" m where m.key = j.concurrency_key) = $2::uuid, false)) from "steadytick"."jobs" j where j.id = t.job_id), true) order by job_id for update
      ), "blocked_gone" as (
        delete from "steadytick"."blocked_executions" where job_id = any(array(select job_id from "blocked_picked"))
        returning job_id
      ) , done as (
    update "steadytick"."jobs" set finished_at = now(), outcome = 'cancelled' where id = any(array(select job_id from "blocked_gone")) returning id
  ) select id as job_id, 'cancelled' as kind from done;


-- cancel claimed


      with  asked(key, concurrency_limit, job_id) as materialized (
        
    select concurrency_key, concurrency_limit, id from "steadytick"."jobs"
    where id = any(array(select id::uuid from json_array_elements_text($1::json) as x(id)))
      and concurrency_key is not null
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;

with given as materialized (select id from (select id::uuid from json_array_elements_text($1::json) as x(id)) i), 
  picked as materialized (
    select job_id from "steadytick"."claimed_executions" where job_id = any(array(select id from given)) order by job_id for update
  ), asked as (
    update "steadytick"."claimed_executions" set cancel_requested = true where job_id = any(array(select job_id from picked)) returning job_id
  ) select job_id, 'requested' as kind from asked;


-- pause


    insert into "steadytick"."pauses" (queue_name, created_at) values ($1, now()) on conflict do nothing;


-- resume

delete from "steadytick"."pauses" where queue_name = $1;


-- page of ready


      select cast("p"."queue_name" as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick"."ready_executions" 
        order by "queue_name" asc, "rank" asc, "job_id" asc limit $13) "range0") p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."queue_name" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of scheduled


      select cast(cast(extract(epoch from "p"."scheduled_at") * 1000000 as bigint) as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (
      select * from (
        select "scheduled_at", "rank", "job_id" from "steadytick"."scheduled_executions" 
        order by "scheduled_at" asc, "rank" asc, "job_id" asc limit $13) "range0") p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."scheduled_at" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of blocked


      select cast("p"."concurrency_key" as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (
      select * from (
        select "concurrency_key", "rank", "job_id" from "steadytick"."blocked_executions" 
        order by "concurrency_key" asc, "rank" asc, "job_id" asc limit $13) "range0") p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."concurrency_key" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of claimed


      select cast("p"."job_id" as text) as "key0",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (
      select * from (
        select "job_id" from "steadytick"."claimed_executions" 
        order by "job_id" asc limit $13) "range0") p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."job_id" asc;


-- page of failed


      select cast("p"."job_id" as text) as "key0",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (
      select * from (
        select "job_id" from "steadytick"."failed_executions" 
        order by "job_id" desc limit $13) "range0") p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."job_id" desc;


-- page of finished


      select cast(cast(extract(epoch from "p"."finished_at") * 1000000 as bigint) as text) as "key0", cast("p"."id" as text) as "key1",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (
      select * from (
        select "finished_at", "id" from "steadytick"."jobs" where finished_at is not null
        order by "finished_at" desc, "id" desc limit $13) "range0") p left join "steadytick"."jobs" j on j.id = "p"."id" order by "p"."finished_at" desc, "p"."id" desc;


-- page of ready, continued


      select cast("p"."queue_name" as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (select * from (
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick"."ready_executions" where "queue_name" > $13
        order by "queue_name" asc, "rank" asc, "job_id" asc limit $14) "range0" union all 
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick"."ready_executions" where "queue_name" = $15 and "rank" > $16
        order by "queue_name" asc, "rank" asc, "job_id" asc limit $17) "range1" union all 
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick"."ready_executions" where "queue_name" = $18 and "rank" = $19 and "job_id" > $20
        order by "queue_name" asc, "rank" asc, "job_id" asc limit $21) "range2") ranges order by "queue_name" asc, "rank" asc, "job_id" asc limit $22) p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."queue_name" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of scheduled, continued


      select cast(cast(extract(epoch from "p"."scheduled_at") * 1000000 as bigint) as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (select * from (
      select * from (
        select "scheduled_at", "rank", "job_id" from "steadytick"."scheduled_executions" where "scheduled_at" > (to_timestamp(($13::bigint / 1000000)::double precision) + ($14::bigint % 1000000) * interval '1 microsecond')
        order by "scheduled_at" asc, "rank" asc, "job_id" asc limit $15) "range0" union all 
      select * from (
        select "scheduled_at", "rank", "job_id" from "steadytick"."scheduled_executions" where "scheduled_at" = (to_timestamp(($16::bigint / 1000000)::double precision) + ($17::bigint % 1000000) * interval '1 microsecond') and "rank" > $18
        order by "scheduled_at" asc, "rank" asc, "job_id" asc limit $19) "range1" union all 
      select * from (
        select "scheduled_at", "rank", "job_id" from "steadytick"."scheduled_executions" where "scheduled_at" = (to_timestamp(($20::bigint / 1000000)::double precision) + ($21::bigint % 1000000) * interval '1 microsecond') and "rank" = $22 and "job_id" > $23
        order by "scheduled_at" asc, "rank" asc, "job_id" asc limit $24) "range2") ranges order by "scheduled_at" asc, "rank" asc, "job_id" asc limit $25) p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."scheduled_at" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of blocked, continued


      select cast("p"."concurrency_key" as text) as "key0", cast("p"."rank" as text) as "key1", cast("p"."job_id" as text) as "key2",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (select * from (
      select * from (
        select "concurrency_key", "rank", "job_id" from "steadytick"."blocked_executions" where "concurrency_key" > $13
        order by "concurrency_key" asc, "rank" asc, "job_id" asc limit $14) "range0" union all 
      select * from (
        select "concurrency_key", "rank", "job_id" from "steadytick"."blocked_executions" where "concurrency_key" = $15 and "rank" > $16
        order by "concurrency_key" asc, "rank" asc, "job_id" asc limit $17) "range1" union all 
      select * from (
        select "concurrency_key", "rank", "job_id" from "steadytick"."blocked_executions" where "concurrency_key" = $18 and "rank" = $19 and "job_id" > $20
        order by "concurrency_key" asc, "rank" asc, "job_id" asc limit $21) "range2") ranges order by "concurrency_key" asc, "rank" asc, "job_id" asc limit $22) p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."concurrency_key" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of claimed, continued


      select cast("p"."job_id" as text) as "key0",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (select * from (
      select * from (
        select "job_id" from "steadytick"."claimed_executions" where "job_id" > $13
        order by "job_id" asc limit $14) "range0") ranges order by "job_id" asc limit $15) p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."job_id" asc;


-- page of failed, continued


      select cast("p"."job_id" as text) as "key0",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (select * from (
      select * from (
        select "job_id" from "steadytick"."failed_executions" where "job_id" < $13
        order by "job_id" desc limit $14) "range0") ranges order by "job_id" desc limit $15) p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."job_id" desc;


-- page of finished, continued


      select cast(cast(extract(epoch from "p"."finished_at") * 1000000 as bigint) as text) as "key0", cast("p"."id" as text) as "key1",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (select * from (
      select * from (
        select "finished_at", "id" from "steadytick"."jobs" where finished_at is not null and "finished_at" < (to_timestamp(($13::bigint / 1000000)::double precision) + ($14::bigint % 1000000) * interval '1 microsecond')
        order by "finished_at" desc, "id" desc limit $15) "range0" union all 
      select * from (
        select "finished_at", "id" from "steadytick"."jobs" where finished_at is not null and "finished_at" = (to_timestamp(($16::bigint / 1000000)::double precision) + ($17::bigint % 1000000) * interval '1 microsecond') and "id" < $18
        order by "finished_at" desc, "id" desc limit $19) "range1") ranges order by "finished_at" desc, "id" desc limit $20) p left join "steadytick"."jobs" j on j.id = "p"."id" order by "p"."finished_at" desc, "p"."id" desc;


-- page of ready, of a queue
-- page of ready, of a small queue


      select cast("p"."rank" as text) as "key0", cast("p"."job_id" as text) as "key1",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick"."ready_executions" where "queue_name" between $13 and $14
        order by "queue_name" asc, "rank" asc, "job_id" asc limit $15) "range0") p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."queue_name" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of ready, of a queue, continued


      select cast("p"."rank" as text) as "key0", cast("p"."job_id" as text) as "key1",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (select * from (
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick"."ready_executions" where "queue_name" = $13 and "rank" > $14
        order by "queue_name" asc, "rank" asc, "job_id" asc limit $15) "range0" union all 
      select * from (
        select "queue_name", "rank", "job_id" from "steadytick"."ready_executions" where "queue_name" = $16 and "rank" = $17 and "job_id" > $18
        order by "queue_name" asc, "rank" asc, "job_id" asc limit $19) "range1") ranges order by "queue_name" asc, "rank" asc, "job_id" asc limit $20) p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."queue_name" asc, "p"."rank" asc, "p"."job_id" asc;


-- page of failed, of a kind


      select cast("p"."job_id" as text) as "key0",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (
      select * from (
        select "fingerprint", "job_id" from "steadytick"."failed_executions" where "fingerprint" between $13 and $14
        order by "fingerprint" desc, "job_id" desc limit $15) "range0") p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."fingerprint" desc, "p"."job_id" desc;


-- page of failed, of a kind, continued


      select cast("p"."job_id" as text) as "key0",
        case when (cast($1 as text) is null or j.task_name = $2) and (cast($3 as text) is null or j.queue_name = $4) and (cast($5 as text) is null or j.recurring_key = $6) and (cast($7 as text) is null or j.enqueued_at >= to_timestamp($8::double precision / 1000)) and (cast($9 as text) is null or j.enqueued_at < to_timestamp($10::double precision / 1000)) and (cast($11 as text) is null or (j.started_at is null or j.started_at < to_timestamp($12::double precision / 1000))) then 1 else 0 end as meant, -ceil(extract(epoch from (to_timestamp(0::double precision / 1000) - now())) * 1000)::bigint as now_ms
      from (select * from (
      select * from (
        select "fingerprint", "job_id" from "steadytick"."failed_executions" where "fingerprint" = $13 and "job_id" < $14
        order by "fingerprint" desc, "job_id" desc limit $15) "range0") ranges order by "fingerprint" desc, "job_id" desc limit $16) p left join "steadytick"."jobs" j on j.id = "p"."job_id" order by "p"."fingerprint" desc, "p"."job_id" desc;


-- count

select (select count(*) from (select 1 from "steadytick"."scheduled_executions" order by scheduled_at, rank, job_id limit $1) counted) as "scheduled", (select count(*) from (select 1 from "steadytick"."ready_executions" order by queue_name, rank, job_id limit $2) counted) as "ready", (select count(*) from (select 1 from "steadytick"."blocked_executions" order by concurrency_key, rank, job_id limit $3) counted) as "blocked", (select count(*) from (select 1 from "steadytick"."claimed_executions" order by job_id limit $4) counted) as "claimed", (select count(*) from (select 1 from "steadytick"."jobs" where finished_at is not null order by finished_at limit $5) counted) as "finished", (select count(*) from (select 1 from "steadytick"."failed_executions" order by created_at limit $6) counted) as "failed";


-- count what to clear of finished

select (select count(*) from (select 1 from "steadytick"."jobs" where finished_at <= (now() + $1::bigint * interval '1 millisecond') order by finished_at limit $2) counted) as count;


-- count what to clear of failed

select (select count(*) from (select 1 from "steadytick"."failed_executions" where created_at <= (now() + $1::bigint * interval '1 millisecond') order by created_at limit $2) counted) as count;


-- find


    select j.id, j.task_name, j.queue_name, j.priority, j.payload as payload, j.attempts, j.max_attempts,
      j.releases, j.losses, floor(extract(epoch from j.enqueued_at) * 1000)::bigint as enqueued_at, floor(extract(epoch from j.scheduled_at) * 1000)::bigint as scheduled_at,
      floor(extract(epoch from coalesce(c.created_at, j.started_at)) * 1000)::bigint as started_at, floor(extract(epoch from j.finished_at) * 1000)::bigint as finished_at,
      floor(extract(epoch from j.retried_at) * 1000)::bigint as retried_at, j.outcome, j.result as result, j.result_meta as result_meta,
      j.progress as progress, j.errors as errors, c.process_id, j.concurrency_key,
      j.recurring_key, floor(extract(epoch from j.recurring_at) * 1000)::bigint as recurring_at,
      
  case when j.finished_at is not null then 'finished' when c.job_id is not null then 'claimed'
    when f.job_id is not null then 'failed' when r.job_id is not null then 'ready'
    when s.job_id is not null then 'scheduled' when b.job_id is not null then 'blocked' end as state 
  from (select id::uuid from json_array_elements_text($1::json) as x(id)) i cross join "steadytick"."jobs" j
  left join "steadytick"."claimed_executions" c on c.job_id = j.id
  left join "steadytick"."failed_executions" f on f.job_id = j.id
  left join "steadytick"."ready_executions" r on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
  left join "steadytick"."scheduled_executions" s on s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id
  left join "steadytick"."blocked_executions" b on b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id
    where j.id = i.id;


-- find states

select j.id, 
  case when j.finished_at is not null then 'finished' when c.job_id is not null then 'claimed'
    when f.job_id is not null then 'failed' when r.job_id is not null then 'ready'
    when s.job_id is not null then 'scheduled' when b.job_id is not null then 'blocked' end as state 
  from (select id::uuid from json_array_elements_text($1::json) as x(id)) i cross join "steadytick"."jobs" j
  left join "steadytick"."claimed_executions" c on c.job_id = j.id
  left join "steadytick"."failed_executions" f on f.job_id = j.id
  left join "steadytick"."ready_executions" r on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
  left join "steadytick"."scheduled_executions" s on s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id
  left join "steadytick"."blocked_executions" b on b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id where j.id = i.id;


-- find ids

select id from "steadytick"."jobs" where id >= $1 and id <= $2 order by id limit $3;


-- find faults


      select job_id from (
        select job_id from (
  select job_id from "steadytick"."ready_executions" union all select job_id from "steadytick"."scheduled_executions"
  union all select job_id from "steadytick"."blocked_executions" union all select job_id from "steadytick"."claimed_executions" union all select job_id from "steadytick"."failed_executions") unfinished union all select id from "steadytick"."jobs" where finished_at is not null) found
      group by job_id having count(*) > 1 limit $1;


      select id as job_id from "steadytick"."jobs" where finished_at is null and id not in (
  select job_id from "steadytick"."ready_executions" union all select job_id from "steadytick"."scheduled_executions"
  union all select job_id from "steadytick"."blocked_executions" union all select job_id from "steadytick"."claimed_executions" union all select job_id from "steadytick"."failed_executions") limit $1;


      select job_id from (
  select job_id from "steadytick"."ready_executions" union all select job_id from "steadytick"."scheduled_executions"
  union all select job_id from "steadytick"."blocked_executions" union all select job_id from "steadytick"."claimed_executions" union all select job_id from "steadytick"."failed_executions") found where not exists (select 1 from "steadytick"."jobs" j where j.id = found.job_id) limit $1;


      select r.job_id from "steadytick"."ready_executions" r join "steadytick"."jobs" j on j.id = r.job_id where j.concurrency_key is not null
        and not exists (select 1 from "steadytick"."permits" p where p.concurrency_key = j.concurrency_key and p.job_id = j.id)
      limit $1;


      select p.job_id from "steadytick"."permits" p where p.job_id not in (
        select job_id from "steadytick"."ready_executions" union all select job_id from "steadytick"."claimed_executions") limit $1;


      select b.job_id from "steadytick"."blocked_executions" b left join "steadytick"."semaphores" s on s.key = b.concurrency_key
      where coalesce(s.concurrency_limit, 1) > (
        select count(*) from "steadytick"."permits" p where p.concurrency_key = b.concurrency_key) limit $1;


-- read the schema

select (select max(version) from "steadytick"."schema") as schema_version,
  (select max(serves_from) from "steadytick"."schema") as serves_from;


-- list queues
-- count of a small queue


    with recursive names(name, place) as (
      select (select min(queue_name) from "steadytick"."ready_executions" where queue_name > $1), 1
      union all
      select (select min(queue_name) from "steadytick"."ready_executions" where queue_name > n.name), n.place + 1
      from names n where n.name is not null and n.place < $2
    ), listed(name) as (
      select name from names where name is not null
      union select queue_name from (
        select queue_name from "steadytick"."pauses" where queue_name > $3 order by queue_name limit $4) paused
      order by 1 limit $5
    ), bound(most) as (
      select case when count(*) * cast($6 as integer) > 100000 then 100000 / count(*) else $7 end
      from listed
    ), heads(name, rank) as (
      select l.name, (select rank from "steadytick"."ready_executions" r where r.queue_name between l.name and l.name
        order by queue_name, rank limit 1) from listed l
      union all
      select h.name, (select min(rank) from "steadytick"."ready_executions" r where r.queue_name = h.name and r.rank > h.rank)
      from heads h where h.rank is not null
    ), oldest(name, oldest_at) as (
      select h.name, min((select created_at from "steadytick"."ready_executions" r where r.queue_name = h.name and r.rank = h.rank
        order by job_id limit 1)) from heads h where h.rank is not null group by h.name
    )
    select l.name, (select most from bound) as most, (select count(*) from (select 1 from "steadytick"."ready_executions" r where r.queue_name between l.name and l.name order by queue_name, rank, job_id limit (select most + 1 from bound)) counted) as ready, floor(extract(epoch from o.oldest_at) * 1000)::bigint as oldest_at,
      -ceil(extract(epoch from (o.oldest_at - now())) * 1000)::bigint as latency_ms, floor(extract(epoch from p.created_at) * 1000)::bigint as paused_at
    from listed l left join oldest o on o.name = l.name left join "steadytick"."pauses" p on p.queue_name = l.name
    order by l.name;


-- list failures


    with recursive prints(fingerprint) as (
      select min(fingerprint) from "steadytick"."failed_executions"
      union all
      select (select min(fingerprint) from "steadytick"."failed_executions" where fingerprint > p.fingerprint)
      from prints p where p.fingerprint is not null
    ), listed(fingerprint) as (
      select fingerprint from prints where fingerprint is not null limit 10000
    ), latest as (
      select l.fingerprint, (select f.job_id from "steadytick"."failed_executions" f where f.fingerprint between l.fingerprint and l.fingerprint order by f.fingerprint desc, f.job_id desc limit 1) as job_id, (select count(*) from (select 1 from "steadytick"."failed_executions" f where f.fingerprint between l.fingerprint and l.fingerprint order by f.fingerprint desc, f.job_id desc limit $1) counted) as count,
        (select max(created_at) from (select f.created_at from "steadytick"."failed_executions" f where f.fingerprint between l.fingerprint and l.fingerprint order by f.fingerprint desc, f.job_id desc limit $2) counted) as last_at
      from listed l
    )
    select l.fingerprint, l.job_id, l.count, floor(extract(epoch from l.last_at) * 1000)::bigint as last_at, (select f.error from "steadytick"."failed_executions" f where f.job_id = l.job_id) as error
    from latest l order by l.count desc, l.last_at desc limit $3;


-- explain


    select ceil(extract(epoch from (j.scheduled_at - now())) * 1000)::bigint as due_ms, floor(extract(epoch from s.created_at) * 1000)::bigint as paused_at,
      c.job_id as claimed, case when c.cancel_requested then 1 else 0 end as cancel_requested,
      p.worker, p.name, floor(extract(epoch from p.lease_expires_at) * 1000)::bigint as lease_expires_at, case when p.lease_expires_at <= now() then 1 else 0 end as expired
    from (select id::uuid from json_array_elements_text($1::json) as x(id)) i cross join "steadytick"."jobs" j
    left join "steadytick"."claimed_executions" c on c.job_id = j.id
    left join "steadytick"."processes" p on p.id = c.process_id
    left join "steadytick"."pauses" s on s.queue_name = j.queue_name
    where j.id = i.id;


-- count invocations

select worker, count(*) as count from "steadytick"."processes" where lease_expires_at > now() group by worker;


-- list invocations


    with listed as (select * from "steadytick"."processes" where worker <> '' order by started_at, id limit $1)
    select l.id, l.worker, l.name, floor(extract(epoch from l.started_at) * 1000)::bigint as started_at,
      floor(extract(epoch from l.last_heartbeat_at) * 1000)::bigint as last_heartbeat_at, floor(extract(epoch from l.lease_expires_at) * 1000)::bigint as lease_expires_at,
      case when l.lease_expires_at <= now() then 1 else 0 end as lost, c.job_id, j.task_name, floor(extract(epoch from c.created_at) * 1000)::bigint as created_at,
      case when c.cancel_requested then 1 else 0 end as cancel_requested
    from listed l left join "steadytick"."claimed_executions" c on c.process_id = l.id left join "steadytick"."jobs" j on j.id = c.job_id
    order by l.started_at, l.id;


-- list actors

select actor, -ceil(extract(epoch from (last_run_at - now())) * 1000)::bigint as ms_ago from "steadytick"."ticks";


-- note a tick
-- record a tick


    insert into "steadytick"."ticks" (actor, last_run_at, report)
    select $1, now(), $2
    where not exists (select 1 from "steadytick"."ticks" where actor = $3 and last_run_at > (now() + $4::bigint * interval '1 millisecond')
      and last_run_at <= (now() + 3600000::bigint * interval '1 millisecond'))
    on conflict (actor) do update set last_run_at = excluded.last_run_at, report = excluded.report;


-- list due


  select floor(extract(epoch from n.now_at) * 1000)::bigint as now_at, t.key, t.task_name, t.schedule, t.time_zone, t.payload as payload,
    t.payload_meta as payload_meta, t.queue_name, t.priority, t.catch_up, t.description,
    case when t.static then 1 else 0 end as static, case when t.enabled then 1 else 0 end as enabled,
    floor(extract(epoch from t.removed_at) * 1000)::bigint as removed_at, t.version, floor(extract(epoch from t.last_run_at) * 1000)::bigint as last_run_at,
    floor(extract(epoch from t.next_run_at) * 1000)::bigint as next_run_at
  from (select now() as now_at) n left join "steadytick"."recurring_tasks" t on t.next_run_at <= now() and t.key > $1 and 
  t.task_name in (select name from (select name from json_to_recordset($2::json) as x(name text)) x) and (not t.static or t.key in (select name from (select name from json_to_recordset($3::json) as x(name text)) x))
    and (t.removed_at is null or t.removed_at > (now() + -604800000::bigint * interval '1 millisecond')) order by t.key limit $4;


-- occur


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    insert into "steadytick"."recurring_executions" (task_key, run_at, job_id, created_at)
    select x.task_key, x.run_at, x.job_id, now()
    from (select task_key, to_timestamp(run_at / 1000) as run_at, job_id, to_timestamp(from_at / 1000) as from_at from json_to_recordset($1::json) as x(task_key text, run_at double precision, job_id uuid, from_at double precision)) x
    join "steadytick"."recurring_tasks" t on t.key = x.task_key and t.next_run_at = x.from_at
    where true on conflict (task_key, run_at) do nothing returning job_id;


    with 
  input as materialized (
    select x.*, coalesce(run_at, (now() + delay::bigint * interval '1 millisecond')) as due_at
    from (select id, queue_name, task_name, payload::json as payload, payload_meta::json as payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, to_timestamp(recurring_at / 1000) as recurring_at, to_timestamp(run_at / 1000) as run_at, delay from json_to_recordset($1::json) as x(id uuid, queue_name text, task_name text, payload text, payload_meta text, priority bigint, max_attempts bigint, on_lost text, concurrency_key text, concurrency_limit bigint, concurrency_duration_ms bigint, on_conflict text, recurring_key text, recurring_at double precision, run_at double precision, delay bigint)) x where id in (
  select o.job_id
  from (select task_key, to_timestamp(run_at / 1000) as run_at, job_id, to_timestamp(from_at / 1000) as from_at from json_to_recordset($2::json) as x(task_key text, run_at double precision, job_id uuid, from_at double precision)) o
  where o.from_at = (select t.next_run_at from "steadytick"."recurring_tasks" t where t.key = o.task_key) and o.job_id = (
    select e.job_id from "steadytick"."recurring_executions" e where e.task_key = o.task_key and e.run_at = o.run_at))
  ), 
  new_job as (
    insert into "steadytick"."jobs" (id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, enqueued_at, scheduled_at)
    select id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost, concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, now(), due_at
    from input  returning id, queue_name, -priority as rank, concurrency_key, scheduled_at
  ), new_ready as (
      insert into "steadytick"."ready_executions" (job_id, queue_name, rank, created_at)
      select id, queue_name, rank, now() from new_job
      where scheduled_at <= now() and concurrency_key is null
    )
    insert into "steadytick"."scheduled_executions" (job_id, queue_name, rank, concurrency_key, scheduled_at)
    select id, queue_name, rank, concurrency_key, scheduled_at from new_job
    where scheduled_at > now() or concurrency_key is not null
    returning job_id, 'scheduled' as state;


    update "steadytick"."recurring_tasks" as t set next_run_at = x.to_at, last_run_at = coalesce(x.last_at, t.last_run_at)
    from (select key, to_timestamp(from_at / 1000) as from_at, to_timestamp(to_at / 1000) as to_at, to_timestamp(last_at / 1000) as last_at from json_to_recordset($1::json) as x(key text, from_at double precision, to_at double precision, last_at double precision)) x
    where t.key = x.key and t.next_run_at = x.from_at;


-- synchronize


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    delete from "steadytick"."deployments" where (seen_at <= (now() + $1::bigint * interval '1 millisecond') or seen_at > (now() + 3600000::bigint * interval '1 millisecond'))
      and (fingerprint <> $2 or seen_at <= (now() + $3::bigint * interval '1 millisecond') or seen_at > (now() + 3600000::bigint * interval '1 millisecond'));


    insert into "steadytick"."deployments" as d (fingerprint, first_seen_at, came_at, seen_at)
    values ($1, now(), now(), now())
    on conflict (fingerprint) do update set seen_at = excluded.seen_at,
      came_at = case when d.seen_at <= (now() + $2::bigint * interval '1 millisecond') then excluded.came_at else d.came_at end;


    insert into "steadytick"."recurring_tasks" as t (key, task_name, schedule, time_zone, payload, payload_meta, queue_name, priority, catch_up, description, static, next_run_at, deployment, seen_at)
    select key, task_name, schedule, time_zone, payload, payload_meta, queue_name, priority, catch_up, description, true, next_at, $1, now() from (select key, task_name, schedule, time_zone, payload::json as payload, payload_meta::json as payload_meta, queue_name, priority, catch_up, description, to_timestamp(next_at / 1000) as next_at from json_to_recordset($2::json) as x(key text, task_name text, schedule text, time_zone text, payload text, payload_meta text, queue_name text, priority bigint, catch_up text, description text, next_at double precision)) x
    where true order by key
    on conflict (key) do update set task_name = excluded.task_name, schedule = excluded.schedule, time_zone = excluded.time_zone, payload = excluded.payload, payload_meta = excluded.payload_meta, queue_name = excluded.queue_name, priority = excluded.priority, catch_up = excluded.catch_up, description = excluded.description,
      version = t.version + 1, next_run_at = case when not t.enabled then null
        when t.schedule = excluded.schedule and t.time_zone = excluded.time_zone
          and (t.removed_at is null or t.removed_at > (now() + -604800000::bigint * interval '1 millisecond')) then t.next_run_at
        else excluded.next_run_at end,
      deployment = excluded.deployment, seen_at = excluded.seen_at, removed_at = null
    where t.static and (t.deployment <> excluded.deployment or t.removed_at is not null) and not exists (
      select 1 from "steadytick"."deployments" theirs cross join "steadytick"."deployments" ours
      where theirs.fingerprint = t.deployment and ours.fingerprint = excluded.deployment
        and theirs.seen_at > (now() + $3::bigint * interval '1 millisecond')
        and (theirs.came_at, theirs.fingerprint) > (ours.came_at, ours.fingerprint));


    update "steadytick"."recurring_tasks" set seen_at = now() where static and (seen_at <= (now() + $1::bigint * interval '1 millisecond') or seen_at > (now() + 3600000::bigint * interval '1 millisecond'))
      and key in (select name from (select name from json_to_recordset($2::json) as x(name text)) x);


    update "steadytick"."recurring_tasks" set removed_at = now()
    where static and removed_at is null and (seen_at <= (now() + $1::bigint * interval '1 millisecond') or seen_at > (now() + 3600000::bigint * interval '1 millisecond'))
      and key not in (select name from (select name from json_to_recordset($2::json) as x(name text)) x)
      and exists (select 1 from "steadytick"."deployments" where fingerprint = $3 and first_seen_at <= (now() + $4::bigint * interval '1 millisecond'));


    select key from "steadytick"."recurring_tasks"
    where not static and key in (select name from (select name from json_to_recordset($1::json) as x(name text)) x);


-- list suspects


  select floor(extract(epoch from n.now_at) * 1000)::bigint as now_at, t.key, t.task_name, t.schedule, t.time_zone, t.payload as payload,
    t.payload_meta as payload_meta, t.queue_name, t.priority, t.catch_up, t.description,
    case when t.static then 1 else 0 end as static, case when t.enabled then 1 else 0 end as enabled,
    floor(extract(epoch from t.removed_at) * 1000)::bigint as removed_at, t.version, floor(extract(epoch from t.last_run_at) * 1000)::bigint as last_run_at,
    floor(extract(epoch from t.next_run_at) * 1000)::bigint as next_run_at
  from (select now() as now_at) n left join "steadytick"."recurring_tasks" t on t.key > $1 and t.next_run_at > now() and (t.last_run_at > (now() + 3600000::bigint * interval '1 millisecond') or t.next_run_at > (now() + 90000000::bigint * interval '1 millisecond')) order by t.key limit $2;


-- bring back


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    update "steadytick"."recurring_tasks" as t set next_run_at = x.to_at, last_run_at = null
    from (select key, to_timestamp(from_at / 1000) as from_at, to_timestamp(to_at / 1000) as to_at from json_to_recordset($1::json) as x(key text, from_at double precision, to_at double precision)) x
    where t.key = x.key and t.next_run_at = x.from_at;


-- list recurring


  select floor(extract(epoch from n.now_at) * 1000)::bigint as now_at, t.key, t.task_name, t.schedule, t.time_zone, t.payload as payload,
    t.payload_meta as payload_meta, t.queue_name, t.priority, t.catch_up, t.description,
    case when t.static then 1 else 0 end as static, case when t.enabled then 1 else 0 end as enabled,
    floor(extract(epoch from t.removed_at) * 1000)::bigint as removed_at, t.version, floor(extract(epoch from t.last_run_at) * 1000)::bigint as last_run_at,
    floor(extract(epoch from t.next_run_at) * 1000)::bigint as next_run_at
  from (select now() as now_at) n left join "steadytick"."recurring_tasks" t on t.key > $1 order by t.key limit $2;


-- find recurring


  select floor(extract(epoch from n.now_at) * 1000)::bigint as now_at, t.key, t.task_name, t.schedule, t.time_zone, t.payload as payload,
    t.payload_meta as payload_meta, t.queue_name, t.priority, t.catch_up, t.description,
    case when t.static then 1 else 0 end as static, case when t.enabled then 1 else 0 end as enabled,
    floor(extract(epoch from t.removed_at) * 1000)::bigint as removed_at, t.version, floor(extract(epoch from t.last_run_at) * 1000)::bigint as last_run_at,
    floor(extract(epoch from t.next_run_at) * 1000)::bigint as next_run_at
  from (select now() as now_at) n left join "steadytick"."recurring_tasks" t on t.key = $1 order by t.key;


-- list occurrences


    select floor(extract(epoch from run_at) * 1000)::bigint as run_at, floor(extract(epoch from created_at) * 1000)::bigint as created_at, job_id from "steadytick"."recurring_executions" o where task_key = $1 order by o.run_at desc limit $2;


-- clear occurrences


    with recursive 
  keys(task_key) as (
    select min(task_key) from "steadytick"."recurring_executions"
    union all
    select (select min(task_key) from "steadytick"."recurring_executions" where task_key > k.task_key) from keys k where k.task_key is not null
  )
    delete from "steadytick"."recurring_executions" where ctid = any(array(
      select e.ctid from keys k cross join lateral (
        select ctid from "steadytick"."recurring_executions" where task_key = k.task_key and run_at <= (now() + $1::bigint * interval '1 millisecond')
        order by task_key, run_at limit $2::integer
      ) e limit $3::integer));


-- create recurring


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    insert into "steadytick"."recurring_tasks" (key, task_name, schedule, time_zone, payload, payload_meta, queue_name, priority, catch_up, description, static, next_run_at)
    select key, task_name, schedule, time_zone, payload, payload_meta, queue_name, priority, catch_up, description, false, next_at from (select key, task_name, schedule, time_zone, payload::json as payload, payload_meta::json as payload_meta, queue_name, priority, catch_up, description, to_timestamp(next_at / 1000) as next_at from json_to_recordset($1::json) as x(key text, task_name text, schedule text, time_zone text, payload text, payload_meta text, queue_name text, priority bigint, catch_up text, description text, next_at double precision)) x
    where (select count(*) from (select 1 from "steadytick"."recurring_tasks" limit 10000) counted) < 10000;


-- edit recurring


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    update "steadytick"."recurring_tasks" as t set task_name = x.task_name, schedule = x.schedule, time_zone = x.time_zone, payload = x.payload, payload_meta = x.payload_meta, queue_name = x.queue_name, priority = x.priority, catch_up = x.catch_up, description = x.description, version = t.version + 1, next_run_at = case
      when t.schedule = x.schedule and t.time_zone = x.time_zone then t.next_run_at
      when t.enabled then x.next_at end
    from (select key, task_name, schedule, time_zone, payload::json as payload, payload_meta::json as payload_meta, queue_name, priority, catch_up, description, to_timestamp(next_at / 1000) as next_at from json_to_recordset($1::json) as x(key text, task_name text, schedule text, time_zone text, payload text, payload_meta text, queue_name text, priority bigint, catch_up text, description text, next_at double precision)) x where t.key = x.key and not t.static and t.version = $2;


-- delete recurring


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;

delete from "steadytick"."recurring_tasks" where key = $1 and (not static or removed_at is not null);


-- enable recurring


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;


    update "steadytick"."recurring_tasks" as t set enabled = true, version = t.version + 1, next_run_at = x.next_at
    from (select to_timestamp(next_at / 1000) as next_at from json_to_recordset($1::json) as x(next_at double precision)) x where t.key = $2 and not t.enabled and t.version = $3;


-- disable recurring


      with  asked(key, concurrency_limit, job_id) as materialized (
        
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset($1::json) as x(key text, concurrency_limit integer, job_id uuid)
      )
      insert into "steadytick"."semaphores" as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, $2::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end;

update "steadytick"."recurring_tasks" set enabled = false, version = version + 1, next_run_at = null where key = $1 and enabled;
