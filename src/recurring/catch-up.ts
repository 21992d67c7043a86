import type { CatchUp } from './recurring-task.ts'
import type { Schedule } from './schedule.ts'

/** The most occurrences that `catchUp: 'all'` makes up for: the newest ones. */
const maxCatchUp = 1000

/** How late an occurrence of `catchUp: 'none'` is still enqueued: cron may come each quarter of an hour, or be late. */
const onTimeMs = 20 * 60_000

/** The occurrences to enqueue of a recurring task that is due. Instants are milliseconds since 1970. */
export interface DueOccurrences {
  /** In order. */
  readonly occurrences: readonly number[]
  /** The first occurrence after now. */
  readonly next: number
  /** Whether older occurrences of `catchUp: 'all'` are left out, because there are too many. */
  readonly leftOut: boolean
}

/**
 * The occurrences from `from` to `now` that are to be enqueued:
 * - `latest`: the last one.
 * - `all`: each, but no more than the last 1,000.
 * - `none`: the last one, unless it is more than 20 minutes late.
 *
 * @param from an occurrence, not after `now`
 */
export function dueOccurrences(
  schedule: Schedule,
  { from, now, catchUp }: { from: number; now: number; catchUp: CatchUp },
): DueOccurrences {
  const { occurrences, next, isWhole } = lastOf(schedule, { from, now, count: catchUp === 'all' ? maxCatchUp : 1 })
  if (catchUp === 'none')
    return { occurrences: occurrences.filter((each) => now - each <= onTimeMs), next, leftOut: false }
  return { occurrences, next, leftOut: catchUp === 'all' && !isWhole }
}

/**
 * The last `count` occurrences from `from` to `now`. The search runs forwards, from a start that is taken back until
 * there are enough: after a long outage, it need not step through the first ones.
 */
function lastOf(
  schedule: Schedule,
  { from, now, count }: { from: number; now: number; count: number },
): { occurrences: number[]; next: number; isWhole: boolean } {
  for (let back = 3_600_000; ; back *= 2) {
    const reachesFrom = now - back < from
    const occurrences = reachesFrom ? [from] : []
    let next = schedule.next(reachesFrom ? from : now - back)
    for (; next <= now; next = schedule.next(next)) occurrences.push(next)
    if (reachesFrom || occurrences.length >= count)
      return { occurrences: occurrences.slice(-count), next, isWhole: reachesFrom && occurrences.length <= count }
  }
}
