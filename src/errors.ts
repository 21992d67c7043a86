/** The base of every error Steadytick throws. `code` and `name` are literals: bundlers rename classes. */
export abstract class QueueError extends Error {
  abstract override readonly name: string
  /** Stable, for programs: never reworded, unlike the message. */
  abstract readonly code: string
}

/** A connection needs a binding of its platform, which is not there: outside of a Worker there are none. */
export class MissingBindingError extends QueueError {
  override readonly name = 'MissingBindingError'
  readonly code = 'BINDING_MISSING'
}

/** A setting, a task's options or a definition is wrong. The message lists every problem found. */
export class ConfigurationError extends QueueError {
  override readonly name = 'ConfigurationError'
  readonly code = 'CONFIGURATION_INVALID'
  readonly problems: readonly string[]

  constructor(subject: string, problems: readonly string[]) {
    super(`${subject} cannot be used:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** A payload (or a result) cannot be stored, or its schema refuses it. */
export class PayloadError extends QueueError {
  override readonly name = 'PayloadError'
  readonly code = 'PAYLOAD_INVALID'
  /** What is wrong, each with the place it is at, such as `payload.items[3].body`. */
  readonly issues: readonly { readonly path: string; readonly message: string }[]

  constructor(issues: readonly { readonly path: string; readonly message: string }[]) {
    super(issues.map((issue) => `${issue.path}: ${issue.message}`).join('; '))
    this.issues = issues
  }
}

/** A stored payload cannot be turned back into a value: its meta is damaged, or a model it refers to is gone. */
export class DeserializationError extends QueueError {
  override readonly name = 'DeserializationError'
  readonly code = 'PAYLOAD_UNREADABLE'
}
