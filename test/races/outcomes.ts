import type { Driver } from '../../src/dialects/driver.ts'
import type { Row } from '../../src/dialects/query.ts'
import { rowsOf, table } from '../support/tables.ts'

// What a race left in the tables.

/** How many invocations hold claims now. */
export async function invocationsOf(driver: Driver): Promise<number> {
  const [row] = await rowsOf(driver, `select count(*) as count from ${table(driver, 'processes')}`)
  return Number(row?.['count'])
}

/** Everything that a move may write, to tell that one wrote nothing. */
export async function contentsOf(driver: Driver): Promise<readonly (readonly Row[])[]> {
  const keys = { jobs: 'id', processes: 'id' }
  const tables = ['ready_executions', 'scheduled_executions', 'claimed_executions', 'failed_executions']
  const results = await driver.batch(
    [...Object.entries(keys), ...tables.map((name) => [name, 'job_id'] as const)].map(([name, key]) => ({
      sql: `select * from ${table(driver, name)} order by ${key}`,
      parameters: [],
    })),
  )
  return results.map(({ rows }) => rows)
}

/** How each job ended up, as one line to compare: `failed, 0 attempts, 1 losses, 1 errors`. */
export async function endsOf(driver: Driver): Promise<ReadonlyMap<string, string>> {
  const errors =
    driver.dialect.name === 'postgres'
      ? `jsonb_array_length(coalesce(j.errors, '[]'))`
      : `json_array_length(coalesce(j.errors, '[]'))`
  const rows = await rowsOf(
    driver,
    `select j.id, j.attempts, j.losses, ${errors} as errors,
      case when j.finished_at is not null then 'finished' when f.job_id is not null then 'failed'
        when s.job_id is not null then 'scheduled' when r.job_id is not null then 'ready' else 'claimed' end as state
    from ${table(driver, 'jobs')} j
    left join ${table(driver, 'failed_executions')} f on f.job_id = j.id
    left join ${table(driver, 'scheduled_executions')} s on s.job_id = j.id
    left join ${table(driver, 'ready_executions')} r on r.job_id = j.id`,
  )
  return new Map(
    rows.map((row) => [
      String(row['id']),
      `${String(row['state'])}, ${Number(row['attempts'])} attempts, ${Number(row['losses'])} losses, ${Number(row['errors'])} errors`,
    ]),
  )
}
