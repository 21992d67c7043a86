import type { Context } from 'hono'
import type { ExecutionContext } from '../connection.ts'
import type { Queue } from '../queue.ts'

/**
 * Adapters of Hono for Node, Lambda and Deno give an object with one of these in place of an environment, anew for each
 * request.
 */
const ofRequest = ['incoming', 'event', 'remoteAddr']

/** The queues of an API: one for each environment, so that requests share its connections. */
export class OpenQueues<Env extends object> {
  readonly #open: (env: Env, ctx?: ExecutionContext) => Queue
  readonly #kept = new WeakMap<object, Queue>()
  readonly #none = {}

  constructor(open: (env: Env, ctx?: ExecutionContext) => Queue) {
    this.#open = open
  }

  /**
   * Uses the queue of a request. A Worker may not use in one request a connection that another has opened: there the
   * queue is opened for each request, and closed after the answer.
   */
  async use<T>(context: Context, use: (queue: Queue) => Promise<T>): Promise<T> {
    const ctx = executionContextOf(context)
    if (!ctx) return use(this.#keep(context))
    const queue = this.#open(context.env as Env, ctx)
    try {
      return await use(queue)
    } finally {
      ctx.waitUntil(queue.close())
    }
  }

  /** Whether the queue of a request is also that of other requests. */
  areShared(context: Context): boolean {
    return executionContextOf(context) === undefined
  }

  /** The object that stands for the environment of a request. */
  keyOf({ env }: Context): object {
    const isOwn = typeof env === 'object' && env !== null && !ofRequest.some((name) => Object.hasOwn(env, name))
    return isOwn ? (env as object) : this.#none
  }

  #keep(context: Context): Queue {
    const key = this.keyOf(context)
    const kept = this.#kept.get(key) ?? this.#open(context.env as Env)
    this.#kept.set(key, kept)
    return kept
  }
}

/** Workers give an execution context; Hono throws where there is none. */
function executionContextOf(context: Context): ExecutionContext | undefined {
  try {
    return context.executionCtx
  } catch {
    return undefined
  }
}
