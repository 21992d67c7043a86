import { setImmediate as turn } from 'node:timers/promises'
import type { Driver } from '../../src/dialects/driver.ts'
import type { Row } from '../../src/dialects/query.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import {
  DatabaseError,
  defineQueue,
  FinalError,
  fixed,
  OutcomeUnknownError,
  type Queue,
  task,
} from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import { brokenJobs, heldBeyond } from '../support/invariants.ts'
import { silent } from '../support/open-queue.ts'
import { type Operation, operations } from '../support/operations.ts'
import { rowsOf, table } from '../support/tables.ts'
import { death, type Fate, mortal } from './mortal-driver.ts'
import { manage } from '../../src/manage/index.ts'
import { dispatch, maintain, prune, schedule, tick, work } from '../../src/ticks/index.ts'

const actors = { dispatch, schedule, prune, maintain, tick }

/** Each key's limit. */
const limits = { one: 1, two: 2, three: 3 } as const

/** The same by the keys as they are stored. */
const limitOfKey = Object.fromEntries(Object.entries(limits).map(([name, limit]) => [`world/${name}`, limit]))

export interface NewJob {
  readonly key: keyof typeof limits | null
  readonly onConflict: 'block' | 'skip'
  readonly delayMs: number
  readonly priority: number
  readonly ends: 'succeeds' | 'fails once' | 'fails for good'
}

export type Step =
  | { readonly does: 'enqueue'; readonly jobs: readonly NewJob[]; readonly fate: Fate }
  /** As many work ticks at once as there are fates. */
  | { readonly does: 'work'; readonly fates: readonly Fate[] }
  | {
      readonly does: 'act'
      readonly actor: keyof typeof actors
      /** Whose code does it: that of one of two deployments, of which one may take over from the other. */
      readonly deployment: 0 | 1
      readonly fate: Fate
    }
  /** An invocation dies while it performs, and another one finds that out. */
  | { readonly does: 'lose' }
  /** `which`: a number for one of the jobs that are known. */
  | { readonly does: 'operate'; readonly operation: Operation; readonly which: number; readonly fate: Fate }
  | { readonly does: 'toggle'; readonly to: 'pause' | 'resume' }
  /** Of the recurring task `sometimes`. */
  | { readonly does: 'switch'; readonly to: 'enable' | 'disable'; readonly fate: Fate }
  | { readonly does: 'wait'; readonly ms: number }

/** A queue on a database of its own, to which anything may happen, and what must hold of it. */
export interface World {
  /** Takes a step, and looks at everything. @throws Error that says what does not hold */
  take(step: Step): Promise<void>
  /** Lets everything come to its end, without maintenance, and looks at everything. */
  settle(): Promise<void>
}

const alwaysMinutes = 30

/** What does not hold of occurrences: each has one job, which is its own, and of the task `always` none is missing. */
async function occurrenceFaults(driver: Driver): Promise<string[]> {
  const rows = await rowsOf(
    driver,
    `select e.task_key as key, e.run_at, t.next_run_at, j.id as job_id, j.scheduled_at
      from ${table(driver, 'recurring_executions')} e
      left join ${table(driver, 'recurring_tasks')} t on t.key = e.task_key
      left join ${table(driver, 'jobs')} j on j.id = e.job_id order by e.task_key, e.run_at`,
  )
  const found: string[] = []
  const ids = new Set<unknown>()
  let always: number | null = null
  for (const { key, run_at: runAt, next_run_at: next, job_id: id, scheduled_at: scheduledAt } of rows) {
    const name = `${String(key)} at ${new Date(Number(runAt)).toISOString()}`
    if (id === null) found.push(`${name} has no job`)
    else if (ids.has(id)) found.push(`${name} has the job of another occurrence`)
    else if (Number(scheduledAt) < Number(runAt)) found.push(`${name} has a job that is due before`)
    ids.add(id)
    if (next !== null && Number(runAt) >= Number(next)) found.push(`${name} is to come again`)
    if (key !== 'always') continue
    if (always !== null && Number(runAt) - always !== alwaysMinutes * 60_000)
      found.push(`${name}: the one before is missing`)
    always = Number(runAt)
  }
  return found
}

/** What does not hold of a job's counts: a job runs again until its third loss, and no longer. */
function countFaults(row: Row): string[] {
  const { id, attempts, max_attempts: max, losses, failed, finished_at: finishedAt } = row
  const found: string[] = []
  if (Number(attempts) > Number(max)) found.push(`${String(id)} had more attempts than ${String(max)}`)
  if (Number(losses) > 3) found.push(`${String(id)} was lost ${String(losses)} times`)
  if (Number(losses) === 3 && failed === null && finishedAt === null)
    found.push(`${String(id)} is to run again, though it was lost three times`)
  return found
}

export async function openWorld(): Promise<World & { close(): Promise<void> }> {
  let now = Date.UTC(2026, 0, 1)
  const driver = sqlite(':memory:', { clock: () => now })
  await migrate(driver)
  const known: string[] = []
  const discarded = new Set<string>()
  const finished = new Set<string>()
  const running = new Map<NewJob['key'], number>()
  const faults: string[] = []

  const perform = async ({ key, ends }: NewJob, { job, attempt }: { job: { id: string }; attempt: number }) => {
    if (finished.has(job.id)) faults.push(`${job.id} is performed, and was finished before`)
    const atOnce = (running.get(key) ?? 0) + 1
    running.set(key, atOnce)
    if (key !== null && atOnce > limits[key]) faults.push(`${atOnce} jobs of ${key} run at once`)
    await turn()
    running.set(key, (running.get(key) ?? 1) - 1)
    if (ends === 'fails for good') throw new FinalError('never')
    if (ends === 'fails once' && attempt === 1) throw new Error('not yet')
  }
  const limited = (key: keyof typeof limits, onConflict: NewJob['onConflict']) =>
    task(`${key}-${onConflict}`, {
      run: perform,
      maxAttempts: 3,
      backoff: fixed(10_000),
      concurrency: { key, group: 'world', limit: limits[key], duration: 600_000, onConflict },
    })
  const free = task('free', { run: perform, maxAttempts: 3, backoff: fixed(10_000) })
  const keys = Object.keys(limits) as (keyof typeof limits)[]
  const conflicts = ['block', 'skip'] as const
  const tasks = new Map(
    keys.flatMap((key) => conflicts.map((onConflict) => [`${key}-${onConflict}`, limited(key, onConflict)] as const)),
  )
  const recurringOf = (key: NewJob['key'], onConflict: NewJob['onConflict']) => ({
    task: key === null ? free : (tasks.get(`${key}-${onConflict}`) ?? free),
    payload: { key, onConflict, delayMs: 0, priority: 0, ends: 'succeeds' } as const,
  })
  /** `moves` is not the same in both, and `old` in one of them only. */
  const shared = {
    always: { ...recurringOf('two', 'block'), schedule: `*/${alwaysMinutes} * * * *`, catchUp: 'all' },
    latest: { ...recurringOf(null, 'block'), schedule: '*/5 * * * *' },
    sometimes: { ...recurringOf('one', 'skip'), schedule: '*/10 * * * *', catchUp: 'none' },
  } as const
  const deployments = [
    { ...shared, moves: { ...recurringOf(null, 'block'), schedule: '0 * * * *' }, old: shared.latest },
    { ...shared, moves: { ...recurringOf(null, 'block'), schedule: '30 * * * *' } },
  ].map((recurring) =>
    defineQueue({
      tasks: [free, ...tasks.values()],
      recurring,
      connect: () => ({ driver }),
      logger: silent,
      workers: { default: { concurrency: 4, maxInvocations: 1000 } },
      clearFinishedJobsAfter: '3650d',
    }),
  )
  const jobs = deployments[0] as (typeof deployments)[number]

  /** As a process that meets this fate does it. */
  const as = async (fate: Fate, act: (queue: Queue) => Promise<unknown>, deployment = jobs) => {
    try {
      await act(deployment.open(undefined, undefined, { connection: { driver: mortal(driver, fate) } }))
    } catch (error) {
      const died = error instanceof DatabaseError && (error.cause as Error).message === death
      const isRefusal = (error as { code?: unknown }).code === 'JOB_CLAIMED'
      if (!died && !isRefusal && !(error instanceof OutcomeUnknownError)) throw error
    }
  }

  const call = (job: NewJob) => {
    const of = job.key === null ? free : tasks.get(`${job.key}-${job.onConflict}`)
    if (!of) throw new Error(`no task for ${String(job.key)}`)
    return of.using({ priority: job.priority, runAfter: job.delayMs }).call(job)
  }

  const operate = async (id: string, operation: Operation, queue: Queue): Promise<void> => {
    try {
      const done = await operations[operation](queue, id)
      if (operation === 'discard' && done) discarded.add(id)
    } catch (error) {
      // Whether it was, is not learned.
      if (operation === 'discard' && (error as { code?: unknown }).code !== 'JOB_CLAIMED') discarded.add(id)
      throw error
    }
  }

  const act = async (step: Step): Promise<void> => {
    switch (step.does) {
      case 'enqueue':
        await as(step.fate, async (queue) => {
          for (const { id } of await queue.enqueueAll(step.jobs.map(call))) if (id !== null) known.push(id)
        })
        break
      case 'work':
        await Promise.all(step.fates.map((fate) => as(fate, (queue) => work(queue))))
        break
      case 'act':
        await as(step.fate, (queue) => actors[step.actor](queue), deployments[step.deployment])
        break
      case 'lose':
        await as({ batch: 1, how: 'dies before' }, (queue) => work(queue))
        now += 330_000
        await as(null, (queue) => prune(queue))
        await as(null, (queue) => dispatch(queue))
        break
      case 'switch':
        await as(step.fate, (queue) => manage(queue).recurring[step.to]('sometimes'))
        break
      case 'operate': {
        const id = known[step.which % known.length]
        if (id !== undefined) await as(step.fate, (queue) => operate(id, step.operation, queue))
        break
      }
      case 'toggle':
        await as(null, (queue) => manage(queue).queues[step.to]('default'))
        break
      case 'wait':
        now += step.ms
    }
  }

  const look = async () => {
    const found = [...faults, ...(await brokenJobs(driver)).map((fault) => JSON.stringify(fault))]
    const stored = await rowsOf(
      driver,
      `select j.id, j.finished_at, j.attempts, j.max_attempts, j.losses, f.job_id as failed from ${table(driver, 'jobs')} j
        left join ${table(driver, 'failed_executions')} f on f.job_id = j.id`,
    )
    found.push(...stored.flatMap(countFaults))
    const ids = new Set(stored.map(({ id }) => String(id)))
    for (const id of known) if (!ids.has(id) && !discarded.has(id)) found.push(`${id} is lost`)
    const ended = new Set(stored.filter((job) => job['finished_at'] !== null).map(({ id }) => String(id)))
    for (const id of finished) if (ids.has(id) && !ended.has(id)) found.push(`${id} was finished, and is no more`)
    for (const id of ended) finished.add(id)
    found.push(...(await heldBeyond(driver, limitOfKey)))
    found.push(...(await occurrenceFaults(driver)))
    if (found.length > 0) throw new Error(found.join('\n'))
  }

  return {
    async take(step) {
      await act(step)
      await look()
    },
    async settle() {
      const queue = jobs.open()
      await manage(queue).queues.resume('default')
      await schedule(queue)
      await look()
      for (const { key, nextRunAt } of (await manage(queue).recurring.list()).items)
        if (nextRunAt && nextRunAt.getTime() <= now) throw new Error(`The recurring task "${key}" is due still`)
      for (let rounds = 0; ; rounds += 1) {
        await prune(queue)
        await dispatch(queue)
        await work(queue)
        await look()
        const { ready, claimed, scheduled, blocked } = await manage(queue).jobs.counts()
        if (ready.count + claimed.count + scheduled.count === 0) {
          if (blocked.count > 0) throw new Error(`${blocked.count} jobs stay blocked without maintenance`)
          return
        }
        if (rounds > 100) throw new Error('It does not come to an end')
        now += 60_000
      }
    },
    close: () => driver.close(),
  }
}
