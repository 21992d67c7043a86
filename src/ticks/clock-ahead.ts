import { nextOf } from '../recurring/schedule.ts'
import { bringBack, listSuspects } from '../transitions/bring-back.ts'
import type { ListedRecurringTasks } from '../transitions/list-recurring.ts'
import type { Runner } from '../transitions/run.ts'
import type { Core } from '../core.ts'

/** Recurring tasks that one batch looks at. */
export const suspectsMax = 200

/**
 * Brings recurring tasks back whose next occurrence is later than the next one counted from now: only a clock that was
 * ahead can have written it, and the tasks would rest until then. Each task is logged.
 *
 * @param first the first `suspectsMax` suspects
 */
export async function bringBackRecurring(
  core: Core,
  run: Runner['run'],
  first: ListedRecurringTasks,
  stops: () => boolean,
): Promise<void> {
  const { dialect } = core.driver
  for (let page = first; ;) {
    const { tasks, now } = page
    const late = tasks.flatMap((task) => {
      const { key, nextRunAt: from } = task
      const to = nextUnlessUnreadable(task, now)
      return from && to && to < from ? { key, from, to } : []
    })
    for (const { key, from, to } of late)
      core.emitter.log('warn', 'A recurring task was to occur later than its schedule says: a clock was ahead', {
        key,
        was: from,
        is: to,
      })
    if (late.length > 0) await run(bringBack(dialect, late))
    const last = tasks.at(-1)
    if (!last || tasks.length < suspectsMax || stops()) return
    page = await run(listSuspects(dialect, { after: last.key, max: suspectsMax }))
  }
}

/** Null: this code cannot read the task's schedule, which is logged when the task is due. */
function nextUnlessUnreadable(task: Parameters<typeof nextOf>[0], now: Date): Date | null {
  try {
    return nextOf(task, now)
  } catch {
    return null
  }
}
