/** The most recurring tasks of one definition: they are written in one batch. */
export const definedMax = 1000
/** The number of recurring tasks in a database beyond which none is created at run time. */
export const storedMax = 10_000

/** The policies for occurrences that came while no tick ran. */
export const catchUps = ['latest', 'all', 'none'] as const
export type CatchUp = (typeof catchUps)[number]

/** A recurring task, as it is given to the database. */
export interface NewRecurringTask {
  readonly key: string
  readonly task: string
  /** A cron expression of five fields, or an alias. */
  readonly schedule: string
  readonly timeZone: string
  /** JSON text. */
  readonly payload: string
  /** JSON text; null for plain JSON. */
  readonly payloadMeta: string | null
  /** Null: the task's. */
  readonly queue: string | null
  /** Null: the task's. */
  readonly priority: number | null
  readonly catchUp: CatchUp
  readonly description: string | null
}

/** A recurring task, as it is stored. */
export interface StoredRecurringTask extends NewRecurringTask {
  /** Whether the task comes from the definition; false: it was created at run time. */
  readonly static: boolean
  readonly enabled: boolean
  /** Each change of the task adds one. */
  readonly version: number
  /**
   * Since when no deployment has the task, so that it does not run. Null: one has it, or it was created at run time.
   */
  readonly removedAt: Date | null
  /** The last occurrence that was enqueued; null before the first. */
  readonly lastRunAt: Date | null
  /** The next occurrence, in the past when it is due; null while it is disabled. */
  readonly nextRunAt: Date | null
}

/** A recurring task to be written, and when it occurs next. */
export interface Planned {
  readonly task: NewRecurringTask
  readonly next: Date
}
