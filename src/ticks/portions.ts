import { maxUnits } from '../enqueuing/units.ts'
import type { Advance } from '../transitions/occur.ts'
import type { Plan } from './plan.ts'

/** Jobs that one batch enqueues at most. */
const maxJobs = 500
/** Recurring tasks in one batch at most: planned work must not be lost when time runs out. */
const maxTasks = 50

/**
 * Splits plans into portions within the bounds of a batch. A plan is asked for when it is needed. The portions of a
 * recurring task come in order.
 */
export async function* portions(plans: AsyncIterable<Plan>): AsyncGenerator<readonly Advance[]> {
  let portion: Advance[] = []
  let jobs = 0
  let units = 0
  for await (const plan of plans) {
    const room = () => Math.min(maxJobs - jobs, Math.floor((maxUnits - units) / plan.units))
    let { from, occurrences: left } = plan
    do {
      if (portion.length === maxTasks || (portion.length > 0 && room() < Math.min(left.length, 1))) {
        yield portion
        portion = []
        jobs = 0
        units = 0
      }
      const taken = left.slice(0, Math.max(room(), 1))
      left = left.slice(taken.length)
      const to = left[0] ?? plan.next
      portion.push({
        key: plan.key,
        from: new Date(from),
        to: new Date(to),
        occurrences: taken.map((at) => ({ runAt: new Date(at), job: plan.jobOf(at) })),
      })
      from = to
      jobs += taken.length
      units += taken.length * plan.units
    } while (left.length > 0)
  }
  if (portion.length > 0) yield portion
}
