import type { Performer, Task } from '../job/contract.ts'
import type { QueueDefinition } from '../definition.ts'
import type { PerformArgument } from '../performers.ts'
import { Queue } from '../queue.ts'
import type { ExecutionContext } from '../connection.ts'
import { tick } from '../ticks/index.ts'

/** An invocation by cron may take 15 minutes: https://developers.cloudflare.com/workers/platform/limits/ */
const cronLimitMs = 15 * 60_000

/** Exports of a Worker beside `fetch`. */
export interface Ticks<Env> {
  /** Cron: one pass of all actors. */
  scheduled(controller: unknown, env: Env, ctx: ExecutionContext): Promise<void>
}

/**
 * The ticks of a Worker. Add a cron trigger of each minute to wrangler.toml.
 *
 * @example
 * export default { fetch: app.fetch, ...ticks(jobs, { perform: [performDeliver] }) }
 */
export function ticks<Tasks extends readonly Task[], Env, const Given extends readonly Performer[]>(
  jobs: QueueDefinition<Tasks, Env>,
  ...[options]: PerformArgument<Tasks, Given>
): Ticks<Env> {
  return {
    async scheduled(_, env, ctx) {
      const parts = jobs['~parts'](jobs.connect(env), { perform: options?.perform, ctx })
      await using queue = new Queue(parts)
      await tick(queue, { deadline: cronLimitMs })
    },
  }
}
