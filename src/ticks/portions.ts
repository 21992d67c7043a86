import type { Plan } from './plan.ts'
import type { Advance } from '../transitions/occur.ts'

/** Jobs that one batch enqueues at most, in as many characters of JSON: D1 takes parameters up to 2 MB. */
const maxJobs = 500
const maxSize = 600_000
/** What a job takes beside its payload. */
const jobSize = 300

/** What is planned, within the bounds of a batch each; of a recurring task, one portion after the other. */
export function* portions(plans: readonly Plan[]): Generator<readonly Advance[]> {
  let pending = plans.map((plan) => ({ plan, from: plan.from, left: plan.occurrences }))
  while (pending.length > 0) {
    const portion: Advance[] = []
    let jobs = 0
    let size = 0
    pending = pending.flatMap((each) => {
      const { plan, from, left } = each
      const room = Math.min(maxJobs - jobs, Math.floor((maxSize - size) / (plan.size + jobSize)))
      if (left.length > 0 && room < 1 && portion.length > 0) return each
      const taken = left.slice(0, Math.max(room, 1))
      const rest = left.slice(taken.length)
      const to = rest[0] ?? plan.next
      portion.push({
        key: plan.key,
        from: new Date(from),
        to: new Date(to),
        occurrences: taken.map((at) => ({ runAt: new Date(at), job: plan.jobOf(at) })),
      })
      jobs += taken.length
      size += taken.length * (plan.size + jobSize)
      return rest.length > 0 ? { plan, from: to, left: rest } : []
    })
    yield portion
  }
}
