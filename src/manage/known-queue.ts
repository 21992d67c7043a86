import type { Core } from '../core.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { matches, type QueuePattern } from '../job/queue-patterns.ts'
import type { JobState } from '../job/job.ts'
import { type Page, page } from '../transitions/page.ts'
import { combine, type Transition } from '../transitions/transition.ts'

const patternsOf = ({ settings }: Core): QueuePattern[] =>
  [...settings.workers.values()].flatMap(({ patterns }) => patterns.entries)

/** The queues that a definition names: those it declares, and those of its tasks, recurring tasks and workers. */
export function queuesNamed(core: Core): Set<string> {
  return new Set([
    ...(core.queues ?? []),
    ...[...core.tasks.values()].map(({ queue }) => queue),
    ...core.deployment.tasks.flatMap(({ queue: queueName }) => queueName ?? []),
    ...patternsOf(core).flatMap((entry) => (entry.kind === 'name' ? entry.name : [])),
  ])
}

/** Whether a definition names the queue. A worker's `mail*` names all queues that begin so, and `*` names none. */
export function isNamed(core: Core, queue: string): boolean {
  return queuesNamed(core).has(queue) || patternsOf(core).some((entry) => entry.kind !== 'all' && matches(entry, queue))
}

/** The states in which a pause of its queue matters to a job. */
const waiting = ['ready', 'scheduled', 'blocked'] as const satisfies readonly JobState[]

/** Scheduled and blocked jobs have no index by queue, so this many of each are looked at. */
const lookedAt = 1000

/**
 * Reads whether a job waits in the queue: any that is ready, or one of the first 1,000 that are scheduled, or blocked.
 */
export function hasJobs(dialect: Dialect, queue: string): Transition<boolean> {
  const pageOf = (state: JobState) =>
    page(
      dialect,
      { state, queue, task: null, fingerprint: null, recurring: null, since: null, until: null },
      { after: null, max: state === 'ready' ? 1 : lookedAt },
    )
  const pages = combine(Object.fromEntries(waiting.map((state): [string, Transition<Page>] => [state, pageOf(state)])))
  return {
    ...pages,
    read: (results, context) => Object.values(pages.read(results, context)).some(({ found }) => found.length > 0),
  }
}
