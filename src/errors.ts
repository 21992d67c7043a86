import { Findings } from './job/findings.ts'
import { type Issue, issueText } from './job/issue.ts'
import { cut } from './job/quote.ts'

/** Marks the errors of every bundle and copy of Steadytick: each has classes of its own. */
const mark = Symbol.for('steadytick.error')

/**
 * The base of every error Steadytick throws. `code` and `name` are literals: bundlers rename classes. `isSteadytickError`
 * tells these errors from others, where a program has more than one copy of Steadytick.
 */
export abstract class QueueError extends Error {
  abstract override readonly name: string
  /** Stable, for programs: never reworded, unlike the message. */
  abstract readonly code: string

  get [mark](): true {
    return true
  }
}

/** Whether a value is an error of Steadytick's, of whichever copy. */
export const isMarked = (value: unknown): value is QueueError =>
  typeof value === 'object' && value !== null && mark in value

/** An argument of a call cannot be used, such as a job's id that is no UUID. */
export class ArgumentError extends QueueError {
  override readonly name = 'ArgumentError'
  readonly code = 'ARGUMENT_INVALID'
}

/** A connection needs a binding of its platform, and the binding is missing: outside of a Worker there are none. */
export class MissingBindingError extends QueueError {
  override readonly name = 'MissingBindingError'
  readonly code = 'BINDING_MISSING'
}

/** The rows of a job contradict each other: something other than Steadytick changed them. */
export class InconsistentJobError extends QueueError {
  override readonly name = 'InconsistentJobError'
  readonly code = 'JOB_INCONSISTENT'

  constructor(id: string) {
    super(
      `Job ${id} is in no state: the row that says so is gone, or does not fit the queue, priority and times of the job. ` +
        'Something other than Steadytick changed them. `steadytick check --invariants` lists such jobs.',
    )
  }
}

const longestPath = 300
const longestText = 1000

/** An error that lists what is wrong: the first issues, and how many more there are. */
abstract class ListingError extends QueueError {
  /** Each with its place: the first 20. */
  readonly issues: readonly Issue[]
  /** How many more there are. */
  readonly more: number

  constructor(found: Findings<Issue>, write: (lines: readonly string[]) => string) {
    const first = found.first.map(({ path, message }) => ({
      path: cut(path, longestPath),
      message: cut(message, longestText),
    }))
    super(write([...first.map(issueText), ...(found.more === 0 ? [] : [`and ${found.more} more`])]))
    this.issues = first
    this.more = found.more
  }
}

/** A setting, a task's options, a definition or the options of a call are wrong. The message lists the issues. */
export class ConfigurationError extends ListingError {
  override readonly name = 'ConfigurationError'
  readonly code = 'CONFIGURATION_INVALID'

  constructor(subject: string, issues: readonly Issue[], more = 0) {
    super(
      findingsOf(issues, more),
      (lines) => `${subject} cannot be used:\n${lines.map((line) => `- ${line}`).join('\n')}`,
    )
  }
}

/** A payload (or a result) cannot be stored, or its schema refuses it. */
export class PayloadError extends ListingError {
  override readonly name = 'PayloadError'
  readonly code = 'PAYLOAD_INVALID'

  constructor(issues: readonly Issue[], more = 0) {
    super(findingsOf(issues, more), (lines) => lines.join('; '))
  }
}

function findingsOf(issues: readonly Issue[], more: number): Findings<Issue> {
  const found = new Findings<Issue>()
  found.add(issues, more)
  return found
}

/** A stored payload cannot be turned back into a value: its meta is damaged, or a model it refers to is gone. */
export class DeserializationError extends QueueError {
  override readonly name = 'DeserializationError'
  readonly code = 'PAYLOAD_UNREADABLE'
}
