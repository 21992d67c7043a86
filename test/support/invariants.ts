import type { Driver } from '../../src/dialects/driver.ts'

/** Jobs that are not in exactly one state: id and the states found. Always empty. */
export async function brokenJobs({ dialect, batch }: Driver): Promise<readonly object[]> {
  const table = (name: string) => `${dialect.schema === null ? '' : `${dialect.schema}.`}${dialect.prefix}${name}`
  const [answer] = await batch([
    {
      sql: `
        select id, states from (
          select j.id,
            case when j.finished_at is null then 0 else 1 end
            + (select count(*) from ${table('ready_executions')} x where x.job_id = j.id)
            + (select count(*) from ${table('scheduled_executions')} x where x.job_id = j.id)
            + (select count(*) from ${table('claimed_executions')} x where x.job_id = j.id)
            + (select count(*) from ${table('failed_executions')} x where x.job_id = j.id) as states
          from ${table('jobs')} j
        ) counted where states <> 1`,
      parameters: [],
    },
  ])
  return answer?.rows ?? []
}
