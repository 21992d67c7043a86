import type { ExecutionContext } from './connection.ts'
import { ConfigurationError } from './errors.ts'
import type { Issue } from './job/issue.ts'
import type { JobErrorData } from './job/job-error.ts'
import { startTimer } from './job/timer.ts'
import { cut, printableJson, quote } from './job/quote.ts'
import { unknownNames } from './job/unknown-names.ts'
import { type Problem, RecurrentProblem } from './recurrent-problem.ts'

interface JobEvent {
  readonly id: string
  readonly task: string
  readonly queue: string
}

interface PerformingEvent extends JobEvent {
  /** The number of the performing, from 1. */
  readonly attempt: number
  readonly invocationId: string
}

/** The events that hooks receive. Times are milliseconds. */
export interface Events {
  /** `created` false: a job was stored under the id before. */
  'job.enqueued': JobEvent & { readonly state: string; readonly created: boolean }
  /**
   * The job's key was full, and its task says `onConflict: 'skip'`: nothing was stored. A job that is skipped later is
   * counted by its tick.
   */
  'job.skipped': Omit<JobEvent, 'id'> & { readonly heldBy: readonly string[] }
  'job.started': PerformingEvent & { readonly waitedMs: number }
  /** The job's settlement was committed. */
  'job.succeeded': PerformingEvent & { readonly durationMs: number }
  'job.failed': PerformingEvent & { readonly durationMs: number; readonly error: JobErrorData }
  /** The job failed, and runs again. */
  'job.retried': PerformingEvent & {
    readonly durationMs: number
    readonly error: JobErrorData
    readonly delayMs: number
  }
  'job.released': PerformingEvent
  /** The job was cancelled while it was performed. */
  'job.cancelled': PerformingEvent & { readonly durationMs: number }
  /** The job's invocation, `invocationId`, was lost. */
  'job.pruned': JobEvent & { readonly invocationId: string; readonly kind: 'retried' | 'failed' | 'cancelled' }
  /** The job ended, but another tick had settled it meanwhile: nothing was written. */
  'job.stale': PerformingEvent
  'tick.started': { readonly actor: string }
  'tick.finished': { readonly actor: string; readonly report: object }
}

export type EventName = keyof Events
/**
 * Is told of an event. A promise that it returns is kept: a tick waits for it at its end, for `shutdownGrace` at most
 * and not beyond its deadline, and where the platform has `ctx.waitUntil`, it gets the promise. Nothing else waits for it.
 * An error is logged, and changes nothing.
 */
export type Hook<Name extends EventName> = (event: Events[Name]) => void | Promise<void>
export type Hooks = { readonly [Name in EventName]?: Hook<Name> | undefined }

/** A log. pino fits; so does the default, which writes JSON lines to the console. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Writes one line of JSON a message, whatever its fields hold. */
export const consoleLogger: Logger = {
  debug() {},
  info: (fields, message) => console.log(line('info', fields, message)),
  warn: (fields, message) => console.warn(line('warn', fields, message)),
  error: (fields, message) => console.error(line('error', fields, message)),
}

function line(level: string, fields: object, message: string): string {
  const json = JSON.stringify({ level, time: new Date().toISOString(), message, ...fields }, (_, value: unknown) =>
    value instanceof Error ? { name: value.name, message: value.message } : value,
  )
  return printableJson(json)
}

/** All events, and how loud the log tells them. */
const levels: Readonly<Record<EventName, keyof Logger>> = {
  'job.enqueued': 'debug',
  'job.skipped': 'debug',
  'job.started': 'debug',
  'job.succeeded': 'debug',
  'job.failed': 'error',
  'job.retried': 'warn',
  'job.released': 'debug',
  'job.cancelled': 'debug',
  'job.pruned': 'warn',
  'job.stale': 'warn',
  'tick.started': 'debug',
  'tick.finished': 'debug',
}

/** Says what is wrong with hooks; nothing when they are right. A hook may be undefined. */
export const hookIssues = (hooks: Hooks): Issue[] => [
  ...unknownNames(hooks, Object.keys(levels), 'on.'),
  ...Object.entries(hooks).flatMap(([name, hook]: [string, unknown]) =>
    hook === undefined || typeof hook === 'function'
      ? []
      : [{ path: `on.${cut(name, 100)}`, message: `${quote(hook)}; use a function` }],
  ),
]

/**
 * Tells hooks and the log what happened. Neither can change a job's outcome: an error of a hook is logged, an error of
 * the log dropped.
 */
export class Emitter {
  readonly #logger: Logger
  readonly #ctx: ExecutionContext | null
  readonly #hooks = new Map<EventName, Set<Hook<never>>>()

  readonly #problems = new Map<Problem, RecurrentProblem>()

  /** Promises of hooks that have not ended: the event of each, and when it came. */
  readonly #pending = new Map<Promise<void>, { readonly name: EventName; readonly since: number }>()

  /** @param ctx keeps what hooks return alive after the answer; null: it is not kept alive */
  constructor(logger: Logger, hooks: Hooks, ctx: ExecutionContext | null = null) {
    this.#logger = logger
    this.#ctx = ctx
    for (const [name, hook] of Object.entries(hooks)) if (hook) this.on(name as EventName, hook as Hook<EventName>)
  }

  /**
   * Adds a hook. Returns a function that removes it.
   *
   * @throws ConfigurationError when there is no such event, or the hook is no function
   */
  on<Name extends EventName>(name: Name, hook: Hook<Name>): () => void {
    const issues = hookIssues({ [name]: hook ?? null })
    if (issues.length > 0) throw new ConfigurationError('The hook', issues)
    const hooks = this.#hooks.get(name) ?? new Set()
    this.#hooks.set(name, hooks.add(hook))
    return () => void hooks.delete(hook)
  }

  emit<Name extends EventName>(name: Name, event: Events[Name]): void {
    this.log(levels[name], name, event)
    for (const hook of this.#hooks.get(name) ?? []) {
      try {
        const done = (hook as Hook<Name>)(event)
        // Not `instanceof`: a test runner may give each file a Promise of its own.
        if (typeof done?.then === 'function') this.#keep(name, done)
      } catch (error) {
        this.log('error', `A hook of ${name} failed`, { error })
      }
    }
  }

  /**
   * Waits until all that hooks have returned has ended, for `withinMs` at most. What takes longer is told to the log, and
   * not waited for again.
   */
  async hooksEnded(withinMs: number): Promise<void> {
    const began = performance.now()
    while (this.#pending.size > 0) {
      const leftMs = began + withinMs - performance.now()
      if (await within(leftMs, Promise.all(this.#pending.keys()))) continue
      // A younger one may be of another tick of this queue, which has time for it.
      const late = [...this.#pending].filter(([, { since }]) => since <= began)
      for (const [done] of late) this.#pending.delete(done)
      const events = [...new Set(late.map(([, { name }]) => name))]
      this.log('warn', 'Hooks take longer than the tick can wait: what they do may be lost', { events })
      return
    }
  }

  #keep(name: EventName, done: Promise<void>): void {
    const kept: Promise<void> = Promise.resolve(done)
      .then(undefined, (error: unknown) => this.log('error', `A hook of ${name} failed`, { error }))
      .then(() => void this.#pending.delete(kept))
    this.#pending.set(kept, { name, since: performance.now() })
    this.#ctx?.waitUntil(kept)
  }

  /** The memory of a problem, for as long as the queue is open. */
  recurrent(problem: Problem): RecurrentProblem {
    const known = this.#problems.get(problem)
    if (known) return known
    const made = new RecurrentProblem(problem, (...said) => this.log(...said))
    this.#problems.set(problem, made)
    return made
  }

  log(level: keyof Logger, message: string, fields: object): void {
    try {
      this.#logger[level](fields, message)
    } catch {
      // A logger that fails has no log to report it to.
    }
  }
}

/** Whether the promise, which does not reject, has ended after `ms` at most. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const stop = startTimer(ms, () => late.resolve(false))
  const ended = await Promise.race([promise.then(() => true), late.promise])
  stop()
  return ended
}
