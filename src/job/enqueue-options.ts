import type { EnqueueOptions } from './contract.ts'
import { durationIssue } from './duration.ts'
import type { Issue } from './issue.ts'
import { queueNameIssue } from './queue-patterns.ts'
import { quote } from './quote.ts'
import { priorityIssue } from './task-defaults.ts'
import { unknownNames } from './unknown-names.ts'

/** 9999-12-31T23:59:59.999Z: the last instant of ISO 8601 with four digits, and of MySQL. */
const lastInstantMs = 253_402_300_799_999

const names = ['queue', 'priority', 'runAfter', 'id'] as const satisfies readonly (keyof EnqueueOptions)[]

/** Says what is wrong with the options of a job. */
export function enqueueIssues(options: EnqueueOptions): Issue[] {
  if (typeof options !== 'object' || options === null)
    return [{ path: 'options', message: `${quote(options)}; use an object of ${names.join(', ')}` }]
  const { queue, priority, runAfter, id } = options
  const issues = unknownNames(options, names)
  const wrongQueue = queue === undefined ? null : queueNameIssue(queue, 'queue')
  if (wrongQueue) issues.push(wrongQueue)
  const wrongPriority = priority === undefined ? null : priorityIssue(priority)
  if (wrongPriority) issues.push(wrongPriority)
  if (runAfter instanceof Date) {
    if (Number.isNaN(runAfter.getTime())) issues.push({ path: 'runAfter', message: 'an invalid Date' })
    else if (runAfter.getTime() > lastInstantMs)
      issues.push({
        path: 'runAfter',
        message: `${runAfter.toISOString()} is beyond the year 9999; some databases could not give it back`,
      })
  } else if (runAfter !== undefined) {
    const issue = durationIssue(runAfter, 'runAfter')
    if (issue) issues.push({ ...issue, message: `${issue.message}; or an instant` })
  }
  if (id !== undefined && !(typeof id === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)))
    issues.push({ path: 'id', message: `${quote(id)}; use a UUID in lower case, or idOf() of a text` })
  return issues
}

/** The options that are not undefined: that is as if they were left out. */
export const given = (options: EnqueueOptions): EnqueueOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
