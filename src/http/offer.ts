import { quote } from '../job/quote.ts'
import type { DefinedTask } from '../job/defined-task.ts'
import { priorityProblem } from '../job/task-defaults.ts'
import { unknownNames } from '../job/unknown-names.ts'

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
 * @param at what the lesser offer is called in problems
 * @param problems problems of the lesser offer are added to these
 */
export function narrow(offered: Offered, offer: Offer, at: string, problems: string[]): Offered {
  if (typeof offer !== 'object' || offer === null) {
    problems.push(`${at}: ${quote(offer)}; use an object of ${[...names].join(', ')}`)
    return offered
  }
  problems.push(...unknownNames(offer, names, `${at}.`))
  const { tasks, queues, maxPriority } = offer
  for (const name of listAt(`${at}.tasks`, tasks, problems))
    if (!offered.tasks.has(name))
      problems.push(`${at}.tasks: ${quote(name)} is not offered; there are ${[...offered.tasks.keys()].join(', ')}`)
  for (const name of listAt(`${at}.queues`, queues, problems))
    if (offered.queues && !offered.queues.has(name))
      problems.push(`${at}.queues: ${quote(name)} is not offered; there are ${[...offered.queues].join(', ')}`)
  const wrongPriority = maxPriority === undefined ? null : priorityProblem(maxPriority)
  if (wrongPriority) problems.push(wrongPriority.replace('priority', `${at}.maxPriority`))
  return {
    tasks: tasks === undefined ? offered.tasks : new Map([...offered.tasks].filter(([name]) => tasks.includes(name))),
    queues: queues === undefined ? offered.queues : new Set(queues),
    maxPriority: Math.min(maxPriority ?? 100, offered.maxPriority),
  }
}

function listAt(at: string, list: unknown, problems: string[]): readonly string[] {
  if (list === undefined) return []
  if (Array.isArray(list) && list.length > 0 && list.every((name) => typeof name === 'string')) return list
  problems.push(`${at}: ${quote(list)}; use a list of names, or leave it out for all`)
  return []
}
