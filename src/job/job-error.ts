/** An error as it is stored with its job. */
export interface JobErrorData {
  readonly name: string
  readonly message: string
  /** Cut off line by line where it is too long; null when there is none. */
  readonly stack: string | null
}

const maxMessageBytes = 4096
const maxStackBytes = 12_288
const maxCauses = 5

/**
 * Describes whatever was thrown, so that it can be stored. Recording a failure must never fail: this never throws, and
 * gives only text that every database can hold.
 */
export function describeError(error: unknown): JobErrorData {
  const causes: string[] = []
  let cause = read(error, 'cause')
  while (cause !== undefined && cause !== null && causes.length < maxCauses) {
    causes.push(` (caused by ${nameOf(cause)}: ${messageOf(cause)})`)
    cause = read(cause, 'cause')
  }
  const stack = read(error, 'stack')
  return {
    name: cut(nameOf(error), 255),
    message: cut(messageOf(error) + causes.join(''), maxMessageBytes),
    stack: typeof stack === 'string' ? cutLines(stack, maxStackBytes) : null,
  }
}

function nameOf(error: unknown): string {
  const name = read(error, 'name')
  return typeof name === 'string' && name !== '' ? name : 'Error'
}

function messageOf(error: unknown): string {
  const message = read(error, 'message')
  if (typeof message === 'string') return message
  try {
    return typeof error === 'object' && error !== null ? (JSON.stringify(error) ?? String(error)) : String(error)
  } catch {
    return 'Something was thrown that cannot be described.'
  }
}

function read(error: unknown, field: string): unknown {
  try {
    return (error as Record<string, unknown> | null | undefined)?.[field]
  } catch {
    return undefined
  }
}

/** NUL and lone surrogates: Postgres refuses both. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').toWellFormed()
}

function cut(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(storable(text))
  if (bytes.length <= maxBytes) return storable(text)
  // A character that is cut in two decodes to U+FFFD, which goes.
  return `${new TextDecoder().decode(bytes.subarray(0, maxBytes - 3)).replace(/\uFFFD+$/, '')}…`
}

function cutLines(text: string, maxBytes: number): string {
  const short = cut(text, maxBytes)
  return short.endsWith('…') && short.includes('\n') ? short.slice(0, short.lastIndexOf('\n')) : short
}
