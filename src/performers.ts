import type { Connection, ExecutionContext } from './connection.ts'
import type { IsElsewhere, Performer, Task } from './job/contract.ts'
import type { Queue } from './queue.ts'

type Tasks = readonly Task[]
type Performers = readonly Performer[]

/** The name of a task that has no handler of its own. */
type NeedsPerformer<T> =
  T extends Task<infer Name, infer _I, infer _P, infer Result>
    ? IsElsewhere<Result> extends true
      ? Name
      : never
    : never

/** The names of the tasks that have no handler. */
type Unperformed<Of extends Tasks, Given extends Performers> = Exclude<
  NeedsPerformer<Of[number]>,
  Given[number]['task']
>

/** The names of the performers that have no task. */
type Taskless<Of extends Tasks, Given extends Performers> = string extends Given[number]['task']
  ? never
  : Exclude<Given[number]['task'], Of[number]['name']>

/**
 * The performers of a queue: one for each task that has no handler of its own. A compile error names those that are
 * missing, and those that are of no task of the queue.
 */
export type PerformersFor<Of extends Tasks, Given extends Performers> = [Taskless<Of, Given>] extends [never]
  ? [Unperformed<Of, Given>] extends [never]
    ? Given
    : { readonly 'these tasks have no performer': Unperformed<Of, Given> }
  : { readonly 'the queue has no such tasks': Taskless<Of, Given> }

/** `perform`, which may be left out where every task has its own handler. */
export type PerformOption<Of extends Tasks, Given extends Performers> = [Unperformed<Of, []>] extends [never]
  ? { readonly perform?: (Given & PerformersFor<Of, Given>) | undefined }
  : { readonly perform: Given & PerformersFor<Of, Given> }

/** An argument with `perform`, which may be left out where every task has its own handler. */
export type PerformArgument<Of extends Tasks, Given extends Performers, More = unknown> = [
  Unperformed<Of, []>,
] extends [never]
  ? [options?: More & PerformOption<Of, Given>]
  : [options: More & PerformOption<Of, Given>]

export interface OpenOptions<Of extends Tasks, Given extends Performers> {
  /**
   * Handlers of tasks that have none of their own. Default: none, for code that enqueues and finds. All of them, for
   * code that performs.
   */
  readonly perform?: (Given & PerformersFor<Of, Given>) | undefined
  /** Used instead of what `connect` makes. */
  readonly connection?: Connection | undefined
}

/** The arguments of `open`. The environment may be left out where `connect` takes none. */
export type OpenArguments<Of extends Tasks, Env, Given extends Performers> = unknown extends Env
  ? [env?: Env, ctx?: ExecutionContext | undefined, options?: OpenOptions<Of, Given>]
  : [env: Env, ctx?: ExecutionContext | undefined, options?: OpenOptions<Of, Given>]

/** An open queue. Its type names the tasks that have no handler here, so that nothing performs it by mistake. */
export type OpenQueue<Of extends Tasks, Given extends Performers> = [Unperformed<Of, Given>] extends [never]
  ? Queue
  : Queue & { readonly 'these tasks have no performer'?: Unperformed<Of, Given> }

/** A queue whose tasks have their handlers. A value of the plain type `Queue` is trusted to. */
export type PerformingQueue = Queue & { readonly 'these tasks have no performer'?: never }
