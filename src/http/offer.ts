import { quote } from '../job/quote.ts'
import type { DefinedTask } from '../job/defined-task.ts'
import { priorityIssue } from '../job/task-defaults.ts'
import { unknownNames } from '../job/unknown-names.ts'
import type { Issue } from '../job/issue.ts'

/** The jobs that may be enqueued over HTTP. */
export interface Offer<Name extends string = string> {
  /** The names of tasks. Default: all tasks of the definition. */
  readonly tasks?: readonly Name[]
  /** The names of queues. Default: all queues that the definition allows. */
  readonly queues?: readonly string[]
  /** The largest priority. Default 100. */
  readonly maxPriority?: number
}

/** An offer, checked. */
export interface Offered {
  readonly tasks: ReadonlyMap<string, DefinedTask>
  /** Null: any. */
  readonly queues: ReadonlySet<string> | null
  readonly maxPriority: number
}

const names = new Set(['tasks', 'queues', 'maxPriority'])

/**
 * The part of an offer that a lesser one leaves.
 *
 * @param at what the lesser offer is called in issues
 * @param issues those of the lesser offer are added to these
 */
export function narrow(offered: Offered, offer: Offer, at: string, issues: Issue[]): Offered {
  if (typeof offer !== 'object' || offer === null) {
    issues.push({ path: at, message: `${quote(offer)}; use an object of ${[...names].join(', ')}` })
    return offered
  }
  issues.push(...unknownNames(offer, names, `${at}.`))
  const { tasks, queues, maxPriority } = offer
  for (const name of listAt(`${at}.tasks`, tasks, issues))
    if (!offered.tasks.has(name))
      issues.push({
        path: `${at}.tasks`,
        message: `${quote(name)} is not offered; there are ${[...offered.tasks.keys()].join(', ')}`,
      })
  for (const name of listAt(`${at}.queues`, queues, issues))
    if (offered.queues && !offered.queues.has(name))
      issues.push({
        path: `${at}.queues`,
        message: `${quote(name)} is not offered; there are ${[...offered.queues].join(', ')}`,
      })
  const wrongPriority = maxPriority === undefined ? null : priorityIssue(maxPriority)
  if (wrongPriority) issues.push({ ...wrongPriority, path: `${at}.maxPriority` })
  return {
    tasks: tasks === undefined ? offered.tasks : new Map([...offered.tasks].filter(([name]) => tasks.includes(name))),
    queues: queues === undefined ? offered.queues : new Set(queues),
    maxPriority: Math.min(maxPriority ?? 100, offered.maxPriority),
  }
}

function listAt(at: string, list: unknown, issues: Issue[]): readonly string[] {
  if (list === undefined) return []
  if (Array.isArray(list) && list.length > 0 && list.every((name) => typeof name === 'string')) return list
  issues.push({ path: at, message: `${quote(list)}; use a list of names, or leave it out for all` })
  return []
}
