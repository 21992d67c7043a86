import { type RawBuilder, sql } from 'kysely'

/** After this many lost invocations a job fails: it is likely what ends them. */
const maxLosses = sql.lit(3)

/** The columns of a job, and its losses with the one that is settled. */
interface Lost {
  readonly onLost: RawBuilder<unknown>
  readonly losses: RawBuilder<unknown>
}

/** Whether a lost job runs again, unless it was cancelled. */
export const runsAgain = ({ onLost, losses }: Lost): RawBuilder<boolean> =>
  sql`${onLost} = 'retry' and ${losses} < ${maxLosses}`

/** The end of a lost job's error: why the job does not run again, although its task says `retry`. */
export const lostTooOften = ({ onLost, losses }: Lost): RawBuilder<string> =>
  sql`case when ${onLost} = 'retry' and ${losses} >= ${maxLosses}
    then ' ' || ${losses} || ' invocations were lost with this job, so it does not run again by itself: find out what ends them, then retry it.'
    else '' end`
