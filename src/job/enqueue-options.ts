import type { EnqueueOptions } from './contract.ts'
import { durationProblem } from './duration.ts'
import { queueNameProblem } from './queue-patterns.ts'
import { quote } from './quote.ts'
import { priorityProblem } from './task-defaults.ts'
import { unknownNames } from './unknown-names.ts'

/** 9999-12-31T23:59:59.999Z: the last instant of ISO 8601 with four digits, and of MySQL. */
const lastInstantMs = 253_402_300_799_999

const names = ['queue', 'priority', 'runAfter', 'id'] as const satisfies readonly (keyof EnqueueOptions)[]

/** Says what is wrong with the options of a job. */
export function enqueueProblems(options: EnqueueOptions): string[] {
  if (typeof options !== 'object' || options === null)
    return [`options: ${quote(options)}; use an object of ${names.join(', ')}`]
  const { queue, priority, runAfter, id } = options
  const problems = unknownNames(options, names)
  const queueProblem = queue === undefined ? null : queueNameProblem(queue, 'queue')
  if (queueProblem) problems.push(queueProblem)
  const wrongPriority = priority === undefined ? null : priorityProblem(priority)
  if (wrongPriority) problems.push(wrongPriority)
  if (runAfter instanceof Date) {
    if (Number.isNaN(runAfter.getTime())) problems.push('runAfter: an invalid Date')
    else if (runAfter.getTime() > lastInstantMs)
      problems.push(
        `runAfter: ${runAfter.toISOString()} is beyond the year 9999; some databases could not give it back`,
      )
  } else if (runAfter !== undefined) {
    const problem = durationProblem(runAfter, 'runAfter')
    if (problem) problems.push(`${problem}; or an instant`)
  }
  if (id !== undefined && !(typeof id === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)))
    problems.push(`id: ${quote(id)}; use a UUID in lower case, or idOf() of a text`)
  return problems
}

/** The options that are not undefined: that is as if they were left out. */
export const given = (options: EnqueueOptions): EnqueueOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
