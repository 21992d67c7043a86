import type { Driver } from '../../src/dialects/driver.ts'
import { type Fault, findFaults } from '../../src/transitions/find-faults.ts'
import { runner } from '../../src/transitions/run.ts'
import { rowsOf, table } from './tables.ts'

/** What `findFaults` finds: jobs that are not in exactly one state, permits that are missing, left over or not made use of. Always empty. */
export async function brokenJobs(driver: Driver): Promise<readonly Fault[]> {
  return runner(driver).run(findFaults(driver.dialect, { max: 100 }))
}

/** Keys that are held by more jobs than their limit, or that have none, in sentences. Always empty. */
export async function heldBeyond(driver: Driver, limits: Readonly<Record<string, number>>): Promise<string[]> {
  const rows = await rowsOf(
    driver,
    `select concurrency_key as key, count(*) as held from ${table(driver, 'permits')} group by concurrency_key`,
  )
  return rows.flatMap(({ key, held }) =>
    Number(held) > (limits[String(key)] ?? 0) ? [`${String(key)} is held by ${String(held)}`] : [],
  )
}

/** What `brokenJobs` finds, and claims and invocations left over (tombstones stay for a while): of a database on which nothing is under way. Always empty. */
export async function faultsOf(driver: Driver): Promise<readonly object[]> {
  const leftOver = await driver.batch(
    [
      `select 'a claim left over' as fault, cast(job_id as text) as id from ${table(driver, 'claimed_executions')}`,
      `select 'an invocation left over' as fault, cast(id as text) as id from ${table(driver, 'processes')} where worker <> ''`,
    ].map((sql) => ({ sql, parameters: [] })),
  )
  return [...(await brokenJobs(driver)), ...leftOver.flatMap(({ rows }) => rows)]
}
