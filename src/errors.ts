import { Findings } from './job/findings.ts'
import { cut } from './job/quote.ts'

/** The base of every error Steadytick throws. `code` and `name` are literals: bundlers rename classes. */
export abstract class QueueError extends Error {
  abstract override readonly name: string
  /** Stable, for programs: never reworded, unlike the message. */
  abstract readonly code: string
}

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

/** One thing that is wrong with a value. */
interface Issue {
  /** Such as `payload.items[3].body`. */
  readonly path: string
  readonly message: string
}

const longestPath = 300
const longestText = 1000
const andMore = (more: number): string[] => (more === 0 ? [] : [`and ${more} more`])

/** A setting, a task's options or a definition is wrong. The message lists the problems. */
export class ConfigurationError extends QueueError {
  override readonly name = 'ConfigurationError'
  readonly code = 'CONFIGURATION_INVALID'
  /** The first 20. */
  readonly problems: readonly string[]
  /** How many more there are. */
  readonly more: number

  constructor(subject: string, problems: readonly string[], moreProblems = 0) {
    const found = new Findings<string>()
    found.add(problems, moreProblems)
    const first = found.first.map((problem) => cut(problem, longestText))
    super(`${subject} cannot be used:\n${[...first, ...andMore(found.more)].map((line) => `- ${line}`).join('\n')}`)
    this.problems = first
    this.more = found.more
  }
}

/** A payload (or a result) cannot be stored, or its schema refuses it. */
export class PayloadError extends QueueError {
  override readonly name = 'PayloadError'
  readonly code = 'PAYLOAD_INVALID'
  /** The issues, each with its place in the value: the first 20. */
  readonly issues: readonly Issue[]
  /** How many more there are. */
  readonly more: number

  constructor(issues: readonly Issue[], moreIssues = 0) {
    const found = new Findings<Issue>()
    found.add(issues, moreIssues)
    const first = found.first.map(({ path, message }) => ({
      path: cut(path, longestPath),
      message: cut(message, longestText),
    }))
    super([...first.map(({ path, message }) => `${path}: ${message}`), ...andMore(found.more)].join('; '))
    this.issues = first
    this.more = found.more
  }
}

/** A stored payload cannot be turned back into a value: its meta is damaged, or a model it refers to is gone. */
export class DeserializationError extends QueueError {
  override readonly name = 'DeserializationError'
  readonly code = 'PAYLOAD_UNREADABLE'
}
