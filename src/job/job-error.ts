import { isMarked } from '../errors.ts'

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
/** How many errors of an AggregateError are named. */
const maxParts = 5
/** How many facts of a thrown object are named. */
const maxFacts = 20

/**
 * Describes any thrown value, so that it can be stored. Recording a failure must never fail: this function never
 * throws, and gives only text that every database can hold.
 */
export function describeError(error: unknown): JobErrorData {
  const causes: string[] = []
  let cause = read(error, 'cause')
  while (cause !== undefined && cause !== null && causes.length < maxCauses) {
    causes.push(` (caused by ${nameOf(cause)}: ${messageOf(cause)})`)
    cause = read(cause, 'cause')
  }
  return {
    name: cut(nameOf(error), 255),
    message: cut(messageOf(error) + causes.join(''), maxMessageBytes),
    stack: stackOf(error),
  }
}

/** The name of a thrown value; `Error` where it has none. Never throws. */
export function nameOf(error: unknown): string {
  const name = read(error, 'name')
  return typeof name === 'string' && name !== '' ? name : 'Error'
}

/**
 * The message of an error, with the messages of the errors that it is made of, and its code if the message lacks it.
 */
function messageOf(error: unknown): string {
  const message = read(error, 'message')
  if (typeof message !== 'string') return textOf(error)
  const parts = partsText(error)
  const code = codeOf(error)
  const whole = parts === '' ? message : message === '' ? parts : `${message} (${parts})`
  if (code === null || whole.includes(code)) return whole
  return whole === '' ? code : `${whole} (${code})`
}

/**
 * The errors of an AggregateError, the first five. Node throws one for a refused connection to a name with several
 * addresses, and `Promise.any` when all promises were rejected.
 */
function partsOf(error: unknown): { first: readonly unknown[]; more: number } {
  const errors = read(error, 'errors')
  try {
    if (Array.isArray(errors)) return { first: errors.slice(0, maxParts), more: Math.max(0, errors.length - maxParts) }
  } catch {
    // A Proxy that throws when it is looked at.
  }
  return { first: [], more: 0 }
}

/** The errors of an AggregateError by their names and messages; the empty text without errors. */
function partsText(error: unknown): string {
  const { first, more } = partsOf(error)
  const texts = first.map((part) => {
    const [name, text] = [nameOf(part), textOf(read(part, 'message') ?? part)]
    if (text === '') return name
    return name === 'Error' ? text : `${name}: ${text}`
  })
  return texts.join('; ') + (more === 0 ? '' : `; and ${more} more`)
}

/** The stack of an error, with those of an AggregateError's errors, each behind its number; null without any. */
function stackOf(error: unknown): string | null {
  const own = read(error, 'stack')
  const parts = partsOf(error).first.flatMap((part, index) => {
    const stack = read(part, 'stack')
    return typeof stack === 'string' ? `  [${index + 1}] ${stack}` : []
  })
  const stacks = [...(typeof own === 'string' ? [own] : []), ...parts]
  return stacks.length === 0 ? null : cutLines(stacks.join('\n'), maxStackBytes)
}

/**
 * The code of an error of Node, or of a database. The codes of our own errors repeat their names, so they are left out.
 */
function codeOf(error: unknown): string | null {
  const code = read(error, 'code')
  return typeof code === 'string' && /^[A-Z0-9_]{3,64}$/.test(code) && !isOurs(error) ? code : null
}

function isOurs(error: unknown): boolean {
  try {
    return isMarked(error)
  } catch {
    return false
  }
}

/**
 * Describes a thrown value that is no error. Of an object, only its class and the texts and numbers of its first level:
 * deeper data may be a request, with its credentials.
 */
function textOf(value: unknown): string {
  try {
    if (typeof value !== 'object' || value === null) return String(value)
    const kind = value.constructor?.name
    const names = [...Object.keys(value), 'status', 'statusText'].filter(
      (name, index, all) => all.indexOf(name) === index,
    )
    const facts = names.slice(0, maxFacts).flatMap((name) => {
      const fact = read(value, name)
      return typeof fact === 'number' || (typeof fact === 'string' && fact !== '') ? `${name}: ${fact}` : []
    })
    const called = kind && kind !== 'Object' ? kind : ''
    if (facts.length === 0) return called === '' ? 'An object was thrown that says nothing.' : `A ${called} was thrown.`
    return `${called === '' ? '' : `${called} `}{ ${facts.join(', ')} }`
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

/** Replaces NUL and lone surrogates: Postgres refuses both. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').toWellFormed()
}

function cut(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(storable(text))
  if (bytes.length <= maxBytes) return storable(text)
  // A character that is cut in two decodes to U+FFFD, which is removed.
  return `${new TextDecoder().decode(bytes.subarray(0, maxBytes - 3)).replace(/\uFFFD+$/, '')}…`
}

function cutLines(text: string, maxBytes: number): string {
  const short = cut(text, maxBytes)
  return short.endsWith('…') && short.includes('\n') ? short.slice(0, short.lastIndexOf('\n')) : short
}
