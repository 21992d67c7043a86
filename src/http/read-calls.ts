import { asForeign } from '../job/foreign.ts'
import { ConfigurationError } from '../errors.ts'
import type { Duration } from '../job/duration.ts'
import { Findings } from '../job/findings.ts'
import { looksLikeInstant, readInstant } from '../job/instant.ts'
import { cut, quote } from '../job/quote.ts'
import type { Call } from '../job/contract.ts'
import type { FieldError } from './answer.ts'
import type { Offered } from './offer.ts'

/** How many jobs one request may enqueue. */
const maxCalls = 1000

const fields = ['task', 'payload', 'queue', 'priority', 'runAfter']

/**
 * Reads `{ task, payload, queue?, priority?, runAfter? }`, or a list of them. `runAfter`: a duration (`"5m"`, or
 * milliseconds), or an instant in ISO 8601.
 *
 * @returns the calls, and the errors of the fields; payloads are checked when they are stored
 */
export function readCalls(body: unknown, offered: Offered): { calls: readonly Call[]; errors: Findings<FieldError> } {
  const errors = new Findings<FieldError>()
  if (Array.isArray(body) && (body.length === 0 || body.length > maxCalls)) {
    errors.add([{ field: '', message: `${body.length} jobs; give 1 to ${maxCalls}` }])
    return { calls: [], errors }
  }
  const calls = Array.isArray(body)
    ? body.map((item: unknown, index) => readCall(item, `[${index}]`, offered, errors))
    : [readCall(body, '', offered, errors)]
  return { calls: calls.filter((call) => call !== null), errors }
}

function readCall(item: unknown, at: string, offered: Offered, errors: Findings<FieldError>): Call | null {
  const refuse = (field: string, message: string): null => {
    const name = cut(field, 100)
    errors.add([{ field: name === '' ? at : at === '' ? name : `${at}.${name}`, message: cut(message, 1000) }])
    return null
  }
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return refuse('', 'is no object; send { "task": …, "payload": … }')
  const given = item as Record<string, unknown>
  for (const name of Object.keys(given))
    if (!fields.includes(name)) refuse(name, `is not known; there are ${fields.join(', ')}`)
  const { task: name, payload, queue, priority, runAfter } = given
  if (typeof name !== 'string') return refuse('task', 'is missing; name the task')
  const defined = offered.tasks.get(name)
  if (!defined)
    return refuse('task', `${quote(name)} is not offered here; there are ${[...offered.tasks.keys()].join(', ')}`)
  try {
    const using = defined.task.using({
      queue: queue as string | undefined,
      priority: priority as number | undefined,
      runAfter: runAfter === undefined ? undefined : instantOrDuration(runAfter),
    })
    const set = using['~'].set
    const asked = { queue: set.queue ?? defined.queue, priority: set.priority ?? defined.priority }
    if (offered.queues && !offered.queues.has(asked.queue))
      refuse('queue', `${quote(asked.queue)} is not offered here; there are ${[...offered.queues].join(', ')}`)
    if (asked.priority > offered.maxPriority)
      refuse('priority', `${asked.priority} is not offered here; use ${offered.maxPriority} at most`)
    return using.call(asForeign(payload))
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    for (const { path, message } of error.issues) refuse(path, message)
    return null
  }
}

/**
 * Any other value is left to `using`, which refuses it.
 *
 * @throws ConfigurationError when the value looks like an instant, and is none
 */
function instantOrDuration(value: unknown): Date | Duration {
  if (!looksLikeInstant(value)) return value as Duration
  const instant = readInstant(value)
  if (instant instanceof Date) return instant
  throw new ConfigurationError('runAfter', [{ path: 'runAfter', message: instant.problem }])
}
