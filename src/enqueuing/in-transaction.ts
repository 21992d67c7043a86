import type { Dialect } from '../dialects/dialect.ts'
import type { Result, Row } from '../dialects/query.ts'
import type { Call, EnqueueArguments, EnqueueOptions, EnqueuerInTransaction, ResultOf, Task } from '../job/contract.ts'
import type { Enqueued } from '../job/enqueued.ts'
import type { Transaction } from '../job/prepared.ts'
import { enqueueUnplaced } from '../transitions/enqueue.ts'
import { findStates } from '../transitions/find-states.ts'
import type { Transition } from '../transitions/transition.ts'
import { batches } from './batches.ts'
import { callOf, callsOf, idsGiven } from './calls.ts'
import { type Intake, listed, type IssuePrefix, single } from './intake.ts'
import { answersOf, distinct } from './store.ts'

/** Enqueues within a transaction of the application. */
export class InTransaction implements EnqueuerInTransaction {
  readonly #transaction: Transaction
  readonly #dialect: Dialect
  readonly #intake: Intake

  constructor(transaction: Transaction, dialect: Dialect, intake: Intake) {
    this.#transaction = transaction
    this.#dialect = dialect
    this.#intake = intake
  }

  async enqueue<Input, R>(
    task: Task<string, Input, unknown, R>,
    ...args: EnqueueArguments<Input>
  ): Promise<Enqueued<ResultOf<R>>> {
    const [enqueued] = await this.#enqueue([callOf(task, args)], single)
    return enqueued as Enqueued<ResultOf<R>>
  }

  async enqueueAll<Input, R>(
    task: Task<string, Input, unknown, R>,
    payloads: Iterable<NoInfer<Input>>,
    options?: EnqueueOptions,
  ): Promise<Enqueued<ResultOf<R>>[]>
  async enqueueAll(calls: Iterable<Call>): Promise<Enqueued[]>
  async enqueueAll(first: unknown, payloads?: Iterable<unknown>, options?: EnqueueOptions): Promise<Enqueued[]> {
    return this.#enqueue(callsOf(first, payloads, options), listed)
  }

  async #enqueue(calls: readonly Call[], prefix: IssuePrefix): Promise<Enqueued[]> {
    const jobs = await this.#intake.jobsOf(calls, prefix)
    const outcomes = await this.#stored(idsGiven(calls))
    const missing = distinct(jobs).filter(({ id }) => !outcomes.has(id))
    for (const [, batch] of batches(missing)) {
      const placed = await this.#run(enqueueUnplaced(this.#dialect, { jobs: batch }))
      for (const { id } of batch) outcomes.set(id, { id, state: placed.has(id) ? 'scheduled' : 'ready', created: true })
    }
    return answersOf(jobs, outcomes)
  }

  /**
   * The jobs that are stored under these ids. A duplicate would end the transaction, and with it the application's
   * writes: a handler that runs again, with the same `childId`, could never commit.
   */
  async #stored(ids: ReadonlySet<string>): Promise<Map<string, Enqueued>> {
    if (ids.size === 0) return new Map()
    const states = await this.#run(findStates(this.#dialect, { ids: [...ids] }))
    return new Map([...states].map(([id, state]) => [id, { id, state, created: false }]))
  }

  async #run<T>(transition: Transition<T>): Promise<T> {
    const results: Result[] = []
    for (const { sql, parameters } of transition.statements) {
      const { rows } = await this.#transaction.query(sql, [...parameters])
      results.push({ rows: rows as Row[], affected: rows.length })
    }
    return transition.read(results, { resent: false })
  }
}
