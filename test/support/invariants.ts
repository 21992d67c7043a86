import type { Driver } from '../../src/dialects/driver.ts'
import { table } from './tables.ts'

const states = ['ready', 'scheduled', 'claimed', 'failed']

/** Jobs that are not in exactly one state: id and the states found. Always empty. */
export async function brokenJobs(driver: Driver): Promise<readonly object[]> {
  const counts = states.map(
    (state) => `(select count(*) from ${table(driver, `${state}_executions`)} x where x.job_id = j.id)`,
  )
  const [answer] = await driver.batch([
    {
      sql: `
        select id, states from (
          select j.id, case when j.finished_at is null then 0 else 1 end + ${counts.join(' + ')} as states
          from ${table(driver, 'jobs')} j
        ) counted where states <> 1`,
      parameters: [],
    },
  ])
  return answer?.rows ?? []
}

/**
 * What does not hold of a database on which nothing is under way: jobs that are not in exactly one state, state rows
 * whose job is gone, and claims and invocations left over. Always empty.
 */
export async function faultsOf(driver: Driver): Promise<readonly object[]> {
  const faults = [
    ...states.map(
      (state) => `
        select '${state}, but there is no such job' as fault, cast(x.job_id as text) as id
        from ${table(driver, `${state}_executions`)} x
        where not exists (select 1 from ${table(driver, 'jobs')} j where j.id = x.job_id)`,
    ),
    `select 'a claim left over', cast(job_id as text) from ${table(driver, 'claimed_executions')}`,
    `select 'an invocation left over', cast(id as text) from ${table(driver, 'processes')}`,
  ]
  const found = await driver.batch(faults.map((sql) => ({ sql, parameters: [] })))
  return [...(await brokenJobs(driver)), ...found.flatMap(({ rows }) => rows)]
}
